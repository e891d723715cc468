// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of what was counted.

function counterColumns(names, requests) {
	const columns = [...names,
		{ title: "Count", of: (row) => row.count, show: count },
		{ title: "Failures", of: (row) => row.failures, show: count,
			help: "Errors, without those that are answers" },
		{ title: "Total", of: (row) => row.total_ns, show: duration },
		{ title: "Average", of: (row) => row.avg_ns, show: duration },
		{ title: "Median", of: (row) => row.p50_ns, show: duration },
		{ title: "p99", of: (row) => row.p99_ns, show: duration,
			help: "99 of 100 took at most that" },
		{ title: "Max", of: (row) => row.max_ns, show: duration }];

	if (!requests) {
		columns.splice(column(columns, "Total"), 0, { title: "Self",
			of: (row) => row.self_ns, show: duration,
			help: "Total without the operations nested in it" });
		columns.push({ title: "Bytes", of: (row) => row.bytes,
			show: bytes });
	}
	return columns;
}

function nameColumn(title, key) {
	return { title, text: true, of: (row) => row[key] || "" };
}

function rowsByName(object) {
	return Object.entries(object).map(([name, row]) => ({ name, ...row }));
}

function column(columns, title) {
	return columns.findIndex((one) => one.title === title);
}

function counterTable(id, title, names, rows, requests) {
	const columns = counterColumns(names, requests);

	return sortableTable(id, title, columns, rows, column(columns,
		requests ? "Total" : "Self"));
}

function showRequests(data) {
	section("requests", "Requests and operations",
		"Requests from their arrival to the reply; VFS operations as " +
		"their caller sees them. Choose a column to sort by it.",
		counterTable("table-requests", "SMB2 requests",
			[nameColumn("Request", "name")],
			rowsByName(data.report.smb2_requests), true),
		counterTable("table-operations", "VFS operations",
			[nameColumn("Operation", "name")],
			rowsByName(data.report.vfs_operations), false));
}

function showWho(data) {
	const by = data.smb2_requests_by;

	section("who", "Shares, users, clients", "Whose requests they were.",
		...[["share", "Shares", "Share"], ["user", "Users", "User"],
			["client", "Clients", "Client"]].map(
			([key, title, head]) => counterTable("table-" + key, title,
				[nameColumn(head, key)], by[key], true)));
}
