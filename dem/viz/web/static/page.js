// What hands do: keys, drags and the wheel in pictures, clicks on charts; and how large the pictures are.
// Everything goes to the server as a trigger, drags one at a time: what piles up meanwhile is summed.
(() => {
  "use strict";
  const send = (name, ...values) => window.trame.trigger(name, values);

  const keys = {
    " ": () => send("toggle_play"),
    ArrowLeft: () => send("step", -1),
    ArrowRight: () => send("step", 1),
    ArrowUp: () => send("go_faster", 1),
    ArrowDown: () => send("go_faster", -1),
    Home: () => send("seek", 0),
    End: () => send("seek", 1),
  };
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    const writes = ["SELECT", "SUMMARY"].includes(event.target.tagName) || event.target.type === "checkbox";
    if (!action || writes || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // a focused button would be pressed, a focused slider would step too
    action();
  }, true);

  const waiting = {};
  let busy = false;
  async function move(kind, right, up) {
    const sum = waiting[kind] || [0, 0];
    waiting[kind] = [sum[0] + right, sum[1] + up];
    if (busy) return;
    busy = true;
    try {
      for (let kinds = Object.keys(waiting); kinds.length; kinds = Object.keys(waiting)) {
        const [now] = kinds;
        const [x, y] = waiting[now];
        delete waiting[now];
        await send("move_camera", now, x, y);
      }
    } finally {
      busy = false;
    }
  }

  const pictureOf = (event) => event.target.closest && event.target.closest(".picture");
  const fingers = new Map();
  document.addEventListener("pointerdown", (event) => {
    const picture = pictureOf(event);
    if (!picture) return;
    picture.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  document.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [x, y] = [event.clientX, event.clientY];
    const height = pictureOf(event)?.clientHeight || 500;
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const spread = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
      move("zoom", 0, Math.log(spread([x, y]) / Math.max(spread(before), 1)));
    } else {
      const kind = event.shiftKey || event.buttons > 1 ? "shift" : "turn";
      move(kind, (x - before[0]) / height, (y - before[1]) / height);
    }
    fingers.set(event.pointerId, [x, y]);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  document.addEventListener("contextmenu", (event) => pictureOf(event) && event.preventDefault());
  document.addEventListener("dblclick", (event) => pictureOf(event) && send("reset_camera"));
  document.addEventListener("wheel", (event) => {
    if (!pictureOf(event)) return;
    event.preventDefault();
    move("zoom", 0, -event.deltaY * (event.deltaMode ? 0.05 : 0.0015));
  }, { passive: false });

  let seeking = null;
  const seek = (event) => {
    const box = seeking.getBoundingClientRect();
    send("seek", Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
  };
  document.addEventListener("pointerdown", (event) => {
    seeking = event.target.closest && event.target.closest(".plot");
    if (seeking) seek(event);
  });
  document.addEventListener("pointermove", (event) => seeking && event.buttons && seek(event));
  document.addEventListener("pointerup", () => { seeking = null; });

  const sizes = {};
  setInterval(() => {
    for (const picture of document.querySelectorAll(".picture")) {
      const scale = Math.min(window.devicePixelRatio || 1, 2);
      const size = [picture.clientWidth * scale, picture.clientHeight * scale];
      if (window.trame && String(sizes[picture.dataset.place]) !== String(size)) {
        sizes[picture.dataset.place] = size;
        send("resize", Number(picture.dataset.place), ...size);
      }
    }
  }, 250);
})();
