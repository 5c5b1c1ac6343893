package runfile

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/task"
)

var rewriteReference = flag.Bool("rewrite", false, "write the tables of docs/run-file.md anew")

const referenceFile = "../../docs/run-file.md"

// TestReference compares the tables of docs/run-file.md with the fields. This writes them anew:
//
//	go test ./coordinator/runfile -run TestReference -rewrite
func TestReference(t *testing.T) {
	old, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(old)
	var named []string
	for _, d := range static {
		named = append(named, sectionOf(d.path))
	}
	slices.Sort(named)
	for _, section := range slices.Compact(named) {
		text = replaceTable(t, text, section, sectionTable(section))
	}
	for _, name := range []string{"optimizer", "schedule"} {
		text = replaceTable(t, text, name+" kinds", kindsTable(name))
	}
	text = replaceTable(t, text, "task kinds", tasksTable())
	switch {
	case text == string(old):
	case *rewriteReference:
		if err := os.WriteFile(referenceFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("docs/run-file.md has other fields than the run file; write them with: go test ./coordinator/runfile -run TestReference -rewrite")
	}
}

// sectionOf is the section of a field: fields without one, as steps, lie together under "whole".
func sectionOf(path string) string {
	if section, _, nested := strings.Cut(path, "."); nested {
		return section
	}
	return "whole"
}

// replaceTable puts a table between <!-- NAME --> and the next blank line.
func replaceTable(t *testing.T, text, name, table string) string {
	t.Helper()
	mark := "<!-- " + name + " -->\n"
	before, rest, found := strings.Cut(text, mark)
	_, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		t.Fatalf("docs/run-file.md has no place for the fields of %s: %swith a blank line behind it", name, mark)
	}
	return before + mark + table + "\n" + after
}

func sectionTable(section string) string {
	var b strings.Builder
	b.WriteString("| field | what it is | may be | default |\n|---|---|---|---|\n")
	f := Default("NAME")
	for i := range static {
		d := &static[i]
		if sectionOf(d.path) != section {
			continue
		}
		about := d.about
		if d.role == ofCoordinator {
			about += " †"
		}
		if d.role == ofProcess {
			about += " ‡"
		}
		value := "`" + d.text(f) + "`"
		if d.text(f) == "" {
			value = "empty"
		}
		if k, _, nested := strings.Cut(d.path, "."); nested && sections[k].kinds != nil && !slices.Contains(sections[k].every, strings.TrimPrefix(d.path, k+".")) && !strings.HasSuffix(d.path, ".kind") {
			value = "see the kinds"
		}
		wants := d.wants(f)
		switch d.path {
		case "name":
			value = "that of the file"
		case "model.kind":
			wants = "a kind of the zoo"
		case "task.kind":
			value = "that of the model's kind"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.path, cell(about), cell(wants), value)
	}
	return b.String()
}

// cell keeps a text within its cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;").Replace(strings.TrimSpace(text))
}

func kindsTable(name string) string {
	var b strings.Builder
	b.WriteString("| kind | fields of its own | defaults |\n|---|---|---|\n")
	for _, k := range sections[name].kinds {
		f := Default("NAME")
		f.lookup(name+".kind").set(f, k.name)
		fillSections(f, func(string) bool { return false })
		var values []string
		for _, field := range append(slices.Clone(k.reads), overridden(k, sections[name].every)...) {
			d := f.lookup(name + "." + field)
			switch text := d.text(f); {
			case k.name == "one-cycle" && field == "start": // it is lr/25
			case text == "" || (text == "0" && d.within.Hi > 0 && !d.within.Holds(0)):
				values = append(values, field+" must be given")
			default:
				values = append(values, field+" "+text)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.name, strings.Join(k.reads, ", "), strings.Join(values, ", "))
	}
	return b.String()
}

// overridden are the common fields whose default is the kind's own.
func overridden(k kind, every []string) []string {
	var list []string
	for _, field := range every {
		if _, ok := k.defaults[field]; ok {
			list = append(list, field)
		}
	}
	return list
}

func tasksTable() string {
	var b strings.Builder
	b.WriteString("| kind | what is learnt | its fields |\n|---|---|---|\n")
	for _, name := range task.Names() {
		info, _ := task.Lookup(name)
		config := info.Config()
		var list []string
		for i := range info.Fields {
			d := &info.Fields[i]
			value := d.Text(config)
			if value == "" {
				value = "empty"
			}
			list = append(list, fmt.Sprintf("`%s`: %s (%s; default %s)", d.Name, cell(d.About), cell(d.Allowed(config)), value))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(info.About), strings.Join(list, "; "))
	}
	return b.String()
}
