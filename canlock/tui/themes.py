"""The colours: dark, light and high contrast. What they tell, words and signs tell too."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="canlock-dark",
    primary="#5fa8d3",
    secondary="#3f6f94",
    accent="#f2c14e",
    warning="#f2a541",
    error="#ff7b72",
    success="#7bd88f",
    foreground="#e6e8eb",
    background="#14171c",
    surface="#1b1f26",
    panel="#242a33",
    variables={"foreground-muted": "#a3abb6", "footer-key-foreground": "#f2c14e"},
)

LIGHT: Final = Theme(
    name="canlock-light",
    primary="#1f5f8b",
    secondary="#3f6f94",
    accent="#7a4d00",
    warning="#8a4b00",
    error="#b3261e",
    success="#1b6b34",
    foreground="#1b1f24",
    background="#f7f7f5",
    surface="#ecece8",
    panel="#e0e0da",
    dark=False,
    variables={
        "foreground-muted": "#555c66",
        "footer-key-foreground": "#7a4d00",
        "primary-background": "#c9dcea",
    },
)

HIGH_CONTRAST: Final = Theme(
    name="canlock-high-contrast",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffff00",
    error="#ff9090",
    success="#90ff90",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    text_alpha=1.0,
    luminosity_spread=0.0,
    variables={
        "foreground-muted": "#ffffff",
        "text-muted": "#ffffff",
        "text-disabled": "#d0d0d0",
        "text-success": "#90ff90",
        "text-warning": "#ffff00",
        "text-error": "#ff9090",
        "text-accent": "#ffff00",
        "border": "#ffffff",
        "footer-background": "#000000",
        "footer-foreground": "#ffffff",
        "footer-key-foreground": "#ffff00",
        "footer-description-foreground": "#ffffff",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)

THEMES: Final = (DARK, LIGHT, HIGH_CONTRAST)
"""In the order in which one key goes through them."""
