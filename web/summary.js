// SPDX-License-Identifier: GPL-3.0-or-later
// The diagnosis, as sentences.

function findingCard(finding) {
	const card = element("li", { class: finding.main ? "card main" : "card" },
		element("h3", {},
			element("span", { class: "share" },
				percent(finding.share)),
			" " + finding.title),
		element("p", {}, finding.evidence),
		element("p", {}, element("strong", {}, "Do: "), finding.do));

	card.append(element("p", { class: "small" },
		"Confidence: " + finding.confidence + ". See ",
		element("code", {}, finding.command), ", and " +
		finding.page.split("#")[1] + " in the guide."));
	return card;
}

function showSummary(why) {
	const cards = element("ol", { class: "findings" });

	why.findings.forEach((finding) => cards.append(findingCard(finding)));
	section("summary", "Summary", "",
		element("p", { class: "verdict" }, why.verdict),
		why.findings.length === 0 ? null :
			element("p", { class: "about" },
				"What would be saved of the clients' time, " +
				"cause by cause:"),
		why.findings.length === 0 ? null : cards);
}
