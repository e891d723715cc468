// SPDX-License-Identifier: GPL-3.0-or-later
// A table that can be sorted and filtered.
//
// A column is { title, of, show, row, text, help }: of(row) is its value,
// show(value) or row(row) what a cell says of it, text is set if it is a name.

const ROWS_SHOWN = 25;

function compareValues(a, b) {
	if (typeof a === "number" && typeof b === "number") {
		return a - b;
	}
	return String(a).localeCompare(String(b), "en", { numeric: true });
}

function rowMatches(table, row, words) {
	const text = table.columns.filter((column) => column.text)
		.map((column) => column.of(row)).join("\n").toLowerCase();

	return words.every((word) => text.includes(word));
}

function sortedRows(table) {
	const column = table.columns[table.sortBy];
	const words = table.filter.toLowerCase().split(/\s+/)
		.filter((word) => word !== "");
	const rows = table.rows.filter((row) => rowMatches(table, row, words));

	rows.sort((a, b) => compareValues(column.of(a), column.of(b)) *
		(table.descending ? -1 : 1));
	return rows;
}

function cells(table, row) {
	return table.columns.map((column, index) => {
		const value = column.of(row);
		const shown = column.row ? column.row(row) :
			column.show ? column.show(value) : String(value);

		return element(index === 0 ? "th" : "td", {
			class: column.text ? "name" : "number",
			scope: index === 0 ? "row" : undefined,
		}, shown === "" ? NOT_KNOWN : shown);
	});
}

function fill(table) {
	const rows = sortedRows(table);
	const shown = table.all ? rows : rows.slice(0, ROWS_SHOWN);

	table.body.replaceChildren(...shown.map(
		(row) => element("tr", {}, ...cells(table, row))));
	table.heads.forEach((head, index) => {
		if (index === table.sortBy) {
			head.setAttribute("aria-sort", table.descending ?
				"descending" : "ascending");
		} else {
			head.removeAttribute("aria-sort");
		}
	});
	table.status.textContent = rows.length === table.rows.length ?
		plural(rows.length, "row", "rows") :
		count(rows.length) + " of " +
			plural(table.rows.length, "row", "rows");
	table.more.hidden = rows.length <= ROWS_SHOWN;
	table.more.textContent = table.all ? "Show fewer" :
		"Show all " + count(rows.length);
}

function sortTable(table, index) {
	table.descending = index === table.sortBy ? !table.descending :
		!table.columns[index].text;
	table.sortBy = index;
	fill(table);
}

function headOf(table, column, index) {
	return element("th", { scope: "col",
		class: column.text ? "name" : "number" },
		element("button", { type: "button", title: column.help,
			onclick: () => sortTable(table, index) }, column.title));
}

// id of the element, title, columns, rows, and which column to sort by first.
function sortableTable(id, title, columns, rows, sortBy) {
	const table = { columns, rows, sortBy, descending: true, filter: "",
		all: false, body: element("tbody") };
	const filter = element("input", { type: "search",
		autocomplete: "off", spellcheck: "false",
		"aria-label": "Filter " + title, placeholder: "Filter",
		oninput: () => {
			table.filter = filter.value;
			fill(table);
		} });

	table.heads = columns.map((column, index) =>
		headOf(table, column, index));
	table.status = element("output", { class: "small",
		"aria-live": "polite" });
	table.more = element("button", { type: "button", class: "more",
		onclick: () => {
			table.all = !table.all;
			fill(table);
		} });
	fill(table);
	return element("div", { class: "table", id },
		element("div", { class: "tools" },
			element("h3", {}, title), filter, table.status),
		element("div", { class: "scroll", role: "region",
			tabindex: "0", "aria-label": title },
			element("table", {}, element("thead", {},
				element("tr", {}, ...table.heads)),
				table.body)), table.more);
}
