// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the data, part by part.

function showHeading(data) {
	const report = data.report;

	document.title += " (" + data.host + ")";
	document.getElementById("subtitle").textContent = data.host + ", " +
		moment(report.since) + " to " + moment(report.timestamp) + ". " +
		plural(report.processes, "smbd process", "smbd processes") +
		" now, " + count(report.departed_processes) + " departed.";
	document.getElementById("about").textContent =
		"Made by smblatency-stat " + report.version + " for Samba " +
		(report.samba_version || NOT_KNOWN) +
		". This page is complete: it loads nothing and sends nothing.";
}

function main() {
	const data = JSON.parse(document.getElementById("data").textContent);

	setUpTheme();
	showHeading(data);
	showSummary(data.why);
	showWall(data);
	if (data.against) {
		showAgainst(data.against);
	}
	if (data.steps) {
		showTime(data);
	}
	showHeat(data);
	showRequests(data);
	showFlame(data);
	showWho(data);
	if (data.slow) {
		showSlow(data.slow);
	}
	if (data.files) {
		showFiles(data.files);
	}
	document.documentElement.dataset.ready = "yes";
}

main();
