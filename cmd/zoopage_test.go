package cmd

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

var rewriteZoo = flag.Bool("rewrite", false, "write the tables of docs/zoo.md anew")

// shipped are the kinds of the zoo, without those that tests register.
var shipped = zoo.Names()

// TestZooPage holds the tables of docs/zoo.md against the zoo. This writes them anew:
//
//	go test ./cmd -run TestZooPage -rewrite
func TestZooPage(t *testing.T) {
	const page = "../docs/zoo.md"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var rows []modelRow
	status, out := models(t, append(slices.Clone(shipped), "--json")...)
	if err := json.Unmarshal([]byte(out), &rows); status != 0 || err != nil || len(rows) != len(shipped) {
		t.Fatalf("status %d, %v, %d kinds", status, err, len(rows))
	}
	table, papers := zooTables(t, rows)
	text := underMark(t, underMark(t, string(old), "table", table), "papers", papers)
	switch {
	case text == string(old):
	case *rewriteZoo:
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("docs/zoo.md has other kinds or figures than the zoo; write them with: go test ./cmd -run TestZooPage -rewrite")
	}
}

// authors are the names and the year at the beginning of a paper.
var authors = regexp.MustCompile(`^.*?\(\d{4}\)`)

// zooTables are the kinds, and the papers by year.
func zooTables(t *testing.T, rows []modelRow) (table, papers string) {
	var list []string
	var b strings.Builder
	b.WriteString("| kind | what it is | weights as | paper | parameters | multiply-adds | input |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		info, _ := zoo.Lookup(r.Kind)
		as, paper := "", ""
		if p := info.Published; p != nil {
			var short []string
			for full := range strings.SplitSeq(p.Paper, "; ") {
				who := authors.FindString(full)
				if who == "" {
					t.Errorf("%s: the paper %q has no year", r.Kind, full)
				}
				if names := strings.Split(who, ", "); len(names) > 2 { // four or more
					who = names[0] + " et al. " + who[len(who)-len("(2012)"):]
				}
				short, list = append(short, who), append(list, full)
			}
			as, paper = p.As, strings.Join(short, "; ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", r.Kind, strings.ReplaceAll(r.About, "|", `\|`), as, paper,
			countOr(r.Parameters, "–"), macsText(r.MultiplyAdds), r.Input)
	}
	year := func(paper string) string { _, rest, _ := strings.Cut(paper, " ("); return rest[:4] }
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(year(a)+a, year(b)+b) })
	for _, paper := range slices.Compact(list) {
		papers += "- " + paper + "\n"
	}
	return b.String(), papers
}

// underMark puts text between <!-- NAME --> and the next blank line.
func underMark(t *testing.T, page, name, text string) string {
	t.Helper()
	mark := "<!-- " + name + " -->\n"
	before, rest, found := strings.Cut(page, mark)
	_, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		t.Fatalf("docs/zoo.md has no %swith a blank line behind what is there", mark)
	}
	return before + mark + text + "\n" + after
}
