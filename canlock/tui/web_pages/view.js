// The keys belong to the view from the start: nobody has to click into it first.
const takeKeys = () => document.querySelector(".xterm-helper-textarea")?.focus();

// A view that is refused before its first byte has another page that says why.
new MutationObserver(() => {
  const state = document.body.classList;
  if (state.contains("-closed") && !state.contains("-first-byte")) {
    window.location.replace("/refused");
  } else if (state.contains("-first-byte") && !state.contains("-closed")) {
    takeKeys();
  }
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });

window.addEventListener("focus", takeKeys);
