// The what-if slider: figures, the line on the curves and the draft follow it. Without this the form asks the server.
const follow = (slider) => {
  const panel = slider.closest('[data-points]');
  const point = JSON.parse(panel.dataset.points)[String(Math.round(slider.value * 100))];
  if (!point) return;
  for (const place of panel.querySelectorAll('[data-of]')) place.textContent = point[place.dataset.of];
  slider.setAttribute('aria-valuetext', point.ambang);
  for (const line of panel.querySelectorAll('.chart-here')) {
    const { left, room } = line.closest('[data-left]').dataset;
    const x = Number(left) + Number(room) * slider.value;
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
  }
  const threshold = panel.querySelector('[data-threshold]');
  if (threshold) threshold.value = slider.value;
};

document.addEventListener('input', (event) => {
  if (event.target.matches?.('[data-points] input[type=range]')) follow(event.target);
});

// Where scripts run the button that asks the server is not needed.
const tidy = () => {
  for (const button of document.querySelectorAll('[data-without-script]')) button.hidden = true;
};
document.addEventListener('swapped', tidy);
tidy();
