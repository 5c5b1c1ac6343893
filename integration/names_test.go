package integration

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// calls are texts that tell a user to call the binary by the name rondo.
var calls = regexp.MustCompile(`\brondo (train|coordinator|worker|status|stop|checkpoint|sample|eval|digest|shard|verify|models|bench|version|look|probe|compare|search|predict|export|plot|report|page|project|weights|show|replay|audit|chaos|scale|lr|token|certs|logs|inspect|tasks|augment)\b`)

// formats are files in which such a text is part of a format and no advice.
var formats = []string{"worker/checkpoint/digest.go", "coordinator/token/token.go"}

// TestNames finds texts that call the binary rondo. A user's own binary has another name, so messages take it from
// package program. Help texts of commands are left out: callBy puts the name into them.
func TestNames(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=Dir,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	literals := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			Dir     string
			GoFiles []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, name := range p.GoFiles {
			literals += checkNames(t, filepath.Join(p.Dir, name))
		}
	}
	if literals < 1000 {
		t.Errorf("only %d texts seen", literals)
	}
}

// checkNames looks at a file's texts and returns their number.
func checkNames(t *testing.T, path string) (literals int) {
	for _, f := range formats {
		if strings.HasSuffix(filepath.ToSlash(path), "/"+f) {
			return 0
		}
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr: // of a cobra.Command
			key, ok := n.Key.(*ast.Ident)
			return !ok || !isHelp(key.Name)
		case *ast.AssignStmt:
			to, ok := n.Lhs[0].(*ast.SelectorExpr)
			return !ok || !isHelp(to.Sel.Name)
		case *ast.CallExpr: // of a flag
			called, ok := n.Fun.(*ast.SelectorExpr)
			return !ok || !strings.HasSuffix(called.Sel.Name, "Var")
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				literals++
				if calls.MatchString(n.Value) {
					t.Errorf("%s: %s calls the binary rondo; use program.Name", files.Position(n.Pos()), n.Value)
				}
			}
		}
		return true
	})
	return literals
}

// isHelp says whether a field of a command holds a help text.
func isHelp(field string) bool { return field == "Short" || field == "Long" || field == "Example" }
