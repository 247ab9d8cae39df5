// Explorers on the page: a form over frames drawn in advance (code/initlab/explorer.py).
// The frame shown is the one whose index the controls spell out, the last one fastest.
for (const explorer of document.querySelectorAll(".initlab-explorer")) {
  const form = explorer.querySelector("form");
  const controls = [...form.querySelectorAll(".control")];
  const frames = [...explorer.querySelectorAll(".frame")];
  const words = explorer.querySelector(".frame-words");

  const chosen = (control) => Number(control.querySelector("input[type=range], :checked").value);

  const show = () => {
    let index = 0;
    for (const control of controls) {
      index = index * Number(control.dataset.size) + chosen(control);
      const slider = control.querySelector("input[type=range]");
      if (slider) {
        const value = JSON.parse(control.dataset.values)[slider.value];
        slider.setAttribute("aria-valuetext", value);
        control.querySelector("output").value = value;
      }
    }
    frames.forEach((frame, i) => { frame.hidden = i !== index; });
    const text = frames[index].querySelector("desc").textContent;
    if (words.textContent !== text) words.textContent = text;
  };

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
}
