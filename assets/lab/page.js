// The lab on the book's page: its state lives in the address.

import { read, write } from "./address.js";
import { mount } from "./lab.js";

const FIRST = "wavefront"; // the experiment of a visitor who asked for none
const SLOW = "1"; // steps a second, where the reader's system asks for little motion
const MISREAD = {
  message: "This address asks for something that the lab does not have. The rest of it is set up." };

function start(element) {
  const asked = location.hash.length > 1 ? location.hash : `#preset=${FIRST}`;
  let own = location.hash.slice(1); // what we last wrote there, or found

  const calm = (state) =>
    matchMedia("(prefers-reduced-motion: reduce)").matches ? { ...state, speed: SLOW } : state;

  const understood = (hash) => {
    const { state, problems } = read(hash);
    return {
      state: /[#&]speed=/.test(hash) ? state : calm(state),
      problems: problems.length ? [MISREAD, ...problems] : [],
    };
  };

  const lab = mount(element, {
    ...understood(asked),
    calm,
    chapterLink: (place) => {
      const [page, section] = place.split("#");
      return `${page}.html#${section}`;
    },
    onState(state) {
      const next = write(state);
      if (next === own || (own === "" && next === `preset=${FIRST}`)) return;
      own = next;
      history.replaceState(null, "", `#${next}`);
    },
  });

  const show = () => {
    element.scrollIntoView();
    lab.playbar.play.focus({ preventScroll: true }); // the next key plays
  };

  // A link to the address one is at changes no address, and would lead to its own card.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#preset=']");
    if (link?.hash !== location.hash) return;
    event.preventDefault();
    show();
  });

  addEventListener("hashchange", () => {
    const now = location.hash.slice(1);
    if (now === own || !now.includes("=")) return; // ours, or a section of the page
    own = now;
    const { state, problems } = understood(location.hash);
    lab.set(state, problems);
    show();
  });

  if (location.hash.includes("=")) element.scrollIntoView();
  return lab;
}

for (const element of document.querySelectorAll(".initlab-lab")) element.lab = start(element);
