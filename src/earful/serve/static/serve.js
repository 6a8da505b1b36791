// What a page does by itself: filters lie open where there is room, and a job is followed until it ends.
"use strict";

const wide = matchMedia("(min-width: 60rem)");
const unfold = () => {
  for (const part of document.querySelectorAll("details[data-wide-open]")) {
    if (wide.matches) part.open = true;
  }
};
wide.addEventListener("change", unfold);
unfold();

// The tab that is open is in sight where they do not all fit.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A filter that is not set does not stand in the address.
for (const form of document.querySelectorAll("form.filterform")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && field.value === "") field.disabled = true;
    }
  });
}
// Filters are followed as they are set: what they change is fetched and put in its place. Whatever goes wrong, the
// form is sent as it would be without a script.
let latest = 0;
const follow = async (form) => {
  const turn = ++latest;
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  const address = `${form.getAttribute("action")}?${new URLSearchParams(given)}`;
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return;
    for (const part of ["told", "given", "found"]) {
      document.getElementById(part).replaceWith(page.getElementById(part));
    }
    history.replaceState(null, "", address);
    // Another language is asked for of the list as it is now.
    document.querySelector(".speak [name=after]").value = address;
  } catch {
    if (turn === latest) form.requestSubmit();
  }
};
for (const form of document.querySelectorAll("form.filterform")) {
  form.addEventListener("change", () => follow(form));
}
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form.filterform :disabled")) field.disabled = false;
});

const job = document.querySelector("[data-job]");
if (job && job.dataset.over === "no") {
  const show = (name, text) => {
    job.querySelector(`[data-${name}]`).textContent = text;
  };
  const ask = async () => {
    try {
      const answer = await fetch(job.dataset.job, { headers: { accept: "application/json" } });
      if (answer.ok) {
        const told = await answer.json();
        for (const [name, said] of Object.entries(told.said)) show(name, said);
        const bar = job.querySelector("progress");
        if (told.total) {
          bar.max = told.total;
          bar.value = told.done;
        }
        if (["done", "failed", "stopped"].includes(told.state)) {
          location.reload();
          return;
        }
      }
    } catch {
      // The server may be away for a moment; the next question tells.
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 700);
}
