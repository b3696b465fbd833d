// A number in an answer leads to its card of evidence, and the card leads back. "Copy" copies.
// The evidence of a new answer is shown from its top; the arrow keys scroll it.
// Screen readers hear a message's text, where gradio would have them read its HTML aloud.
(() => {
  let from = null; // the number that led to the card

  const show = (element) => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "center" });
    element.focus({ preventScroll: true });
  };

  const copy = async (button) => {
    const answer = button.closest(".answer").cloneNode(true);
    answer.querySelector(".copy").remove();
    const parts = [...answer.children].map((part) => part.textContent.trim());
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(parts.join("\n\n"));
    } catch {
      said = "The browser does not allow it"; // it may, on https or on this machine only
    }
    button.textContent = said;
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };

  let asked = 0;
  const labels = '#chat .message [aria-label*="<div class"]';
  new MutationObserver(() => {
    for (const message of document.querySelectorAll(labels)) message.removeAttribute("aria-label");
    const questions = document.querySelectorAll("#chat .question").length;
    const shelf = document.getElementById("shelf");
    if (shelf) shelf.tabIndex = 0;
    if (questions !== asked) shelf?.scrollTo(0, 0);
    asked = questions;
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["aria-label"] });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a.cite, button.back, button.copy");
    if (!target) return;
    event.preventDefault();
    if (target.matches(".copy")) {
      copy(target);
    } else if (target.matches(".back")) {
      show(from?.isConnected ? from : document.getElementById("chat"));
    } else {
      const card = document.getElementById(target.getAttribute("href").slice(1));
      if (!card) return;
      from = target;
      card.closest("details")?.setAttribute("open", "");
      show(card);
    }
  });
})();
