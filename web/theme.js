// SPDX-License-Identifier: GPL-3.0-or-later
// Light or dark: as the system has it, until the button is pressed.

const themeCallbacks = [];

// Calls it when the colors have changed: for what is drawn, not styled.
function onTheme(call) {
	themeCallbacks.push(call);
}

function showTheme(dark) {
	const button = document.getElementById("theme");

	document.documentElement.dataset.theme = dark ? "dark" : "light";
	button.setAttribute("aria-pressed", String(dark));
	themeCallbacks.forEach((call) => call());
}

function setUpTheme() {
	const system = matchMedia("(prefers-color-scheme: dark)");

	showTheme(system.matches);
	system.addEventListener("change", () => showTheme(system.matches));
	document.getElementById("theme").addEventListener("click", () =>
		showTheme(document.documentElement.dataset.theme !== "dark"));
	// Paper is white.
	let before = "light";
	window.addEventListener("beforeprint", () => {
		before = document.documentElement.dataset.theme;
		showTheme(false);
	});
	window.addEventListener("afterprint", () =>
		showTheme(before === "dark"));
}
