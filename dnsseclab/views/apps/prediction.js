/** A question with one choice out of several. The radio buttons stay while texts change, so the focus does too. */
function render({ model, el }) {
  el.classList.add("dl-prediction");
  keepKeys(el);
  const group = el.appendChild(document.createElement("fieldset"));
  const question = group.appendChild(document.createElement("legend"));
  const choices = group.appendChild(document.createElement("div"));
  choices.className = "dl-prediction-choices";
  const note = el.appendChild(document.createElement("div"));
  note.className = "dl-prediction-note";
  note.setAttribute("role", "status");
  const name = `dl-prediction-${crypto.getRandomValues(new Uint32Array(1))[0]}`; // one group for each view

  function offer() {
    choices.replaceChildren(...model.get("choices").map((text, index) => {
      const label = document.createElement("label");
      const input = label.appendChild(document.createElement("input"));
      Object.assign(input, { type: "radio", name, value: String(index) });
      input.addEventListener("change", () => {
        model.set("chosen", index);
        model.save_changes();
      });
      label.append(text);
      return label;
    }));
    show();
  }
  function show() {
    question.innerHTML = model.get("question_html");
    choices.hidden = !model.get("asking");
    note.textContent = model.get("note");
    choices.querySelectorAll("input").forEach((input, index) => {
      input.checked = index === model.get("chosen");
      input.disabled = model.get("locked");
    });
  }
  model.on("change:choices", offer);
  for (const trait of ["question_html", "asking", "chosen", "locked", "note"]) model.on(`change:${trait}`, show);
  offer();
  model.on("comm_live_update", () => el.classList.add("dl-asleep")); // the kernel has gone
}
export default { render };
