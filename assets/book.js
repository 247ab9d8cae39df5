// The small amount of script that the pages need besides the explorers.

// Mark, in "On this page", the section being read.
function followReading() {
  const links = new Map();
  for (const link of document.querySelectorAll(".bd-toc-nav a[href^='#']")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  if (!links.size) return;
  const visible = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        isIntersecting ? visible.add(target) : visible.delete(target);
      }
      // Sections nest: the last visible one in document order is the innermost.
      const current = [...links.keys()].filter((section) => visible.has(section)).pop();
      for (const [section, link] of links) {
        const here = section === current;
        link.classList.toggle("active", here);
        here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  links.forEach((_, section) => observer.observe(section));
}

// Notes in the margin and "On this page" share a place: while a note is there, it has it.
function makeRoomForNotes() {
  const contents = document.querySelector(".bd-sidebar-secondary");
  const notes = document.querySelectorAll(".bd-article .margin, .bd-article .sidenote");
  if (!contents || !notes.length) return;
  const visible = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      isIntersecting ? visible.add(target) : visible.delete(target);
    }
    contents.classList.toggle("hide", visible.size > 0);
  });
  notes.forEach((note) => observer.observe(note));
}

// What scrolls sideways must be reachable by keyboard (the theme sees to code and outputs).
function focusScrollers() {
  for (const box of document.querySelectorAll(
    ".bd-article :is(.math, .pst-scrollable-table-container)",
  )) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// Boxes of the class dropdown become <details>: closed, and opened by mouse, touch or keyboard.
function foldDropdowns() {
  for (const box of document.querySelectorAll(".bd-article div.admonition.dropdown")) {
    const [title, ...rest] = box.children;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const content = document.createElement("div");
    details.className = box.className;
    details.id = box.id;
    summary.className = "admonition-title";
    summary.append(...title.childNodes);
    // A link inside a summary cannot be reached: keep its words.
    summary.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
    content.className = "admonition-content";
    content.append(...rest);
    details.append(summary, content);
    box.replaceWith(details);
  }
}

// A printed page cannot be unfolded, and paper is light.
function prepareForPrint() {
  const root = document.documentElement.dataset;
  let opened = [];
  let theme = root.theme;
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("article details:not([open])")];
    opened.forEach((details) => (details.open = true));
    theme = root.theme;
    root.theme = "light";
  });
  addEventListener("afterprint", () => {
    opened.forEach((details) => (details.open = false));
    root.theme = theme;
  });
}

// On a phone the list of sections covers the page: close it when a section was chosen.
function closeAfterChoice() {
  const checkbox = document.getElementById("pst-secondary-sidebar-checkbox");
  document.querySelector(".bd-toc-nav")?.addEventListener("click", (event) => {
    if (event.target.closest("a") && checkbox) checkbox.checked = false;
  });
}

// Search results quote the chapter, not the buttons around it.
function quoteChapters() {
  if (typeof Search === "undefined") return;
  Search.htmlToText = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".headerlink, script, style, svg").forEach((part) => part.remove());
    return page.querySelector("article")?.textContent.replace(/\s+/g, " ") ?? "";
  };
}

// The launch buttons close again at a click elsewhere, and by Escape.
function closeLaunchers() {
  for (const menu of document.querySelectorAll("details.launch")) {
    addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}

quoteChapters();
closeLaunchers();
foldDropdowns();
prepareForPrint();
followReading();
makeRoomForNotes();
closeAfterChoice();
addEventListener("resize", focusScrollers);
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  focusScrollers();
});
