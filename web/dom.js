// SPDX-License-Identifier: GPL-3.0-or-later
// Elements. Text is only ever set as text, so no name becomes markup.

function element(tag, attributes, ...children) {
	const made = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {})) {
		if (name === "class") {
			made.className = value;
		} else if (name.startsWith("on")) {
			made.addEventListener(name.slice(2), value);
		} else if (value !== undefined && value !== false) {
			made.setAttribute(name, value === true ? "" : value);
		}
	}
	made.append(...children.filter((child) => child !== null));
	return made;
}

// A part of the page, with its line in the contents.
function section(id, title, about, ...children) {
	const heading = element("h2", { id: id + "-title" }, title);

	document.getElementById("contents").append(
		element("a", { href: "#" + id }, title));
	document.getElementById("main").append(
		element("section", { id, "aria-labelledby": id + "-title" },
			heading, about ? element("p", { class: "about" },
				about) : null, ...children));
}

// Calls it now, and when the width of an element has changed.
function onWidth(watched, call) {
	let last = 0;

	new ResizeObserver(() => {
		const width = Math.floor(watched.clientWidth);

		if (width !== 0 && width !== last) {
			last = width;
			call(width);
		}
	}).observe(watched);
}

// The value of a custom property of the style: a color, as a rule.
function styled(name) {
	return getComputedStyle(document.documentElement)
		.getPropertyValue(name).trim();
}
