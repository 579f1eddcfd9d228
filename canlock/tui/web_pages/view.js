// A view that is refused before its first byte has another page that says why.
new MutationObserver(() => {
  const state = document.body.classList;
  if (state.contains("-closed") && !state.contains("-first-byte")) {
    window.location.replace("/refused");
  }
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
