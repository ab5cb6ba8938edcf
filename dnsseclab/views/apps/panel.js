/** Controls above, a picture and words below; what a control means is decided in the kernel. */
const LATER = 250; // milliseconds after the last key, so that a name is looked up once and not letter by letter

function render({ model, el }) {
  el.classList.add("dl-app", "dl-panel");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("title"));
  keepKeys(el);
  const form = add(el, "div", "dl-controls");
  const picture = add(el, "div", "dl-shown");
  const live = add(el, "div", "dl-sr");
  live.setAttribute("role", "status");

  const inputs = {};
  for (const control of model.get("controls")) {
    const label = add(form, control.kind === "button" ? "span" : "label", `dl-control dl-${control.kind}`);
    inputs[control.name] = make[control.kind](label, control, set, press);
  }
  let waiting, pending = {}; // what was changed and not yet sent
  function set(name, value, later) {
    pending[name] = value;
    clearTimeout(waiting);
    if (later) waiting = setTimeout(send, LATER);
    else send();
  }
  function send() {
    clearTimeout(waiting);
    if (!Object.keys(pending).length) return;
    model.set("values", { ...model.get("values"), ...pending });
    pending = {};
    model.save_changes();
  }
  function press(name) {
    send();
    model.send({ press: name });
  }
  function show() {
    for (const [name, value] of Object.entries(model.get("values"))) if (!(name in pending)) inputs[name]?.(value);
  }

  const { draw, mark } = boxesIn(picture, () => model.get("values").item, (item) => set("item", item));
  model.on("change:html", () => draw(model.get("html")));
  model.on("change:values", () => { show(); mark(); });
  model.on("change:said", () => { live.textContent = model.get("said"); });
  show();
  draw(model.get("html"));
  model.on("comm_live_update", () => el.classList.add("dl-asleep")); // the kernel has gone
}

// Each maker builds one control, and returns how to show a value in it.
const make = {
  text(label, { name, label: text }, set) {
    add(label, "span").textContent = text;
    const input = add(label, "input");
    Object.assign(input, { type: "text", spellcheck: false, autocomplete: "off" });
    input.addEventListener("input", () => set(name, input.value, true));
    return (value) => { if (document.activeElement !== input) input.value = value; };
  },
  lines(label, { name, label: text, value }, set) {
    add(label, "span").textContent = text;
    const input = add(label, "textarea");
    Object.assign(input, { spellcheck: false, rows: Math.max(2, value.split("\n").length + 1) });
    input.addEventListener("input", () => set(name, input.value, true));
    input.addEventListener("keydown", (event) => { // JupyterLab takes line breaks away
      if (event.key !== "Enter" || event.ctrlKey || event.shiftKey) return;
      input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
      set(name, input.value, true);
      event.preventDefault();
    });
    return (value) => { if (document.activeElement !== input) input.value = value; };
  },
  select(label, { name, label: text, options }, set) {
    add(label, "span").textContent = text;
    const select = add(label, "select");
    for (const option of options) add(select, "option").textContent = option;
    select.addEventListener("change", () => set(name, select.value));
    return (value) => { select.value = value; };
  },
  checkbox(label, { name, label: text }, set) {
    const input = add(label, "input");
    input.type = "checkbox";
    input.addEventListener("change", () => set(name, input.checked));
    label.append(text);
    return (value) => { input.checked = value; };
  },
  range(label, { name, label: text, bounds }, set) {
    add(label, "span").textContent = text;
    const input = add(label, "input"), number = add(label, "output");
    Object.assign(input, { type: "range", min: bounds[0], max: bounds[1] });
    input.addEventListener("input", () => {
      number.textContent = input.value;
      set(name, Number(input.value), true);
    });
    return (value) => {
      if (document.activeElement !== input) input.value = value;
      number.textContent = input.value;
    };
  },
  button(label, { name, label: text }, set, press) {
    const button = add(label, "button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => press(name));
    return () => {};
  },
};
export default { render };
