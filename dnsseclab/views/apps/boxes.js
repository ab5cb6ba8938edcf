/**
 * Boxes of a picture, elements with `data-item`, that can be chosen by mouse and with the keyboard.
 * The picture is one Tab stop; arrow keys walk its boxes in the order in which they stand in it.
 */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function boxesIn(picture, chosen, choose) {
  const boxes = () => [...picture.querySelectorAll("[data-item]")];
  const boxOf = (event) => event.target.closest("[data-item]");
  const isChosen = (box) => box.dataset.item === chosen();

  function mark() {
    const stop = boxes().find(isChosen) ?? boxes()[0];
    for (const box of boxes()) {
      box.setAttribute("role", "button");
      box.setAttribute("aria-pressed", String(isChosen(box)));
      box.setAttribute("tabindex", box === stop ? "0" : "-1");
    }
  }
  function pick(box) {
    if (!box) return;
    choose(box.dataset.item);
    mark();
  }
  function draw(html) {
    const hadFocus = picture.contains(document.activeElement);
    picture.innerHTML = html;
    picture.querySelector("svg")?.setAttribute("role", "group"); // as an image it would hide its boxes
    mark();
    if (hadFocus) (boxes().find(isChosen) ?? boxes()[0])?.focus();
  }
  picture.addEventListener("click", (event) => pick(boxOf(event)));
  picture.addEventListener("keydown", (event) => {
    const here = boxOf(event);
    if (!here) return;
    const next = boxes()[boxes().indexOf(here) + STEPS[event.key]];
    if (event.key === "Enter" || event.key === " ") pick(here);
    else if (next) next.focus();
    else if (!(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { draw, mark };
}
