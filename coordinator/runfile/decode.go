package runfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/rondo-ml/rondo/nn/fields"
)

// decoder walks the tree of a run file's YAML and stores its scalars in f. The tree is walked by hand, not
// by reflection, since the errors are the point: each names its line, its path and what is allowed there.
type decoder struct {
	f     *File
	name  string
	lines []string
	given map[string]place // where each field was given
}

// decode stores what text says in f, and where it says it in given. The YAML library has panicked on odd input
// before; that is an error here.
func decode(f *File, name, text string, sets []string, given map[string]place) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Error{File: name, Want: fmt.Sprintf("this is not YAML that can be read: %v", r)}
		}
	}()
	d := &decoder{f: f, name: name, lines: strings.Split(text, "\n"), given: given}
	tree, err := d.parse(text)
	if err != nil {
		return err
	}
	docs := tree.Docs
	for len(docs) > 0 && docs[len(docs)-1].Body == nil {
		docs = docs[:len(docs)-1]
	}
	if len(docs) > 1 {
		return d.at(docs[1].Body).blame("", "a second YAML document", "one run to a file")
	}
	var body ast.Node
	if len(docs) > 0 {
		body = docs[0].Body
	}
	if err := beginKinds(f, func(path string) (string, place, bool) { return d.said(body, sets, path) }); err != nil || body == nil {
		return err
	}
	return d.section("", body)
}

// said finds the text of a field, "model.kind", before the file is decoded: which fields there are depends on it. What
// is no text is left to decoding.
func (d *decoder) said(body ast.Node, sets []string, path string) (text string, at place, ok bool) {
	section, name, _ := strings.Cut(path, ".")
	if v := entryOf(entryOf(body, section), name); v != nil {
		if n, isText := v.(*ast.StringNode); isText {
			text, at, ok = n.Value, d.at(n), true
		}
	}
	for _, s := range sets {
		if field, value, found := strings.Cut(s, "="); found && strings.TrimSpace(field) == path {
			text, at, ok = value, flagPlace(s), true
		}
	}
	return text, at, ok
}

// entryOf is the value behind a key of a mapping, or nil.
func entryOf(node ast.Node, key string) ast.Node {
	for _, v := range entries(node) {
		if k, ok := v.Key.(*ast.StringNode); ok && k.Value == key {
			return v.Value
		}
	}
	return nil
}

// entries are those of a mapping; of anything else, none.
func entries(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// parse turns text into a tree.
func (d *decoder) parse(text string) (*ast.File, error) {
	tree, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		e := d.line(0).blame("", "", "not YAML: "+syntax.Message)
		if syntax.Token != nil && syntax.Token.Position != nil {
			e = d.line(syntax.Token.Position.Line).blame("", "", "not YAML: "+syntax.Message)
		}
		return nil, e
	}
	if err != nil {
		return nil, &Error{File: d.name, Want: "not YAML: " + err.Error()}
	}
	return tree, nil
}

// section decodes the mapping at prefix, "" for the whole file or "model.".
func (d *decoder) section(prefix string, node ast.Node) error {
	switch node.(type) {
	case nil, *ast.NullNode: // all its fields are commented out
		return nil
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return d.at(node).blame(strings.TrimSuffix(prefix, "."), kindOf(node), "fields: "+strings.Join(d.f.children(prefix), ", "))
	}
	for _, v := range entries(node) {
		if err := d.entry(prefix, v); err != nil {
			return err
		}
	}
	return nil
}

// entry decodes one "key: value" of the mapping at prefix.
func (d *decoder) entry(prefix string, v *ast.MappingValueNode) error {
	at := d.at(v.Key)
	key, ok := v.Key.(*ast.StringNode)
	if !ok {
		return at.blame("", "a field's name that is not plain text", unknown("", d.f.children(prefix)))
	}
	path := prefix + key.Value
	section := len(d.f.children(path+".")) > 0
	field := d.f.lookup(path)
	if want := misnamed(d.f, path); field == nil && want != "" {
		return at.blame(path, foundIn(v.Value), want)
	}
	if strings.Contains(key.Value, ".") || (field == nil && !section) {
		return at.blame("", "unknown field "+quote(path), unknown(key.Value, d.f.children(prefix)))
	}
	if first, twice := d.given[path]; twice {
		return at.blame(path, fmt.Sprintf("a second time (first on line %d)", first.line), "it once")
	}
	if section {
		d.given[path] = at
		return d.section(path+".", v.Value)
	}
	d.given[path] = at
	return d.scalar(field, at, v.Value)
}

// scalar decodes the value of a field.
func (d *decoder) scalar(field *field, at place, node ast.Node) error {
	if node != nil && node.GetToken() != nil && node.GetToken().Position != nil {
		at = d.at(node)
		d.given[field.path] = at
	}
	_, isText := field.at(d.f).(*string)
	isList := fields.IsList(field.at(d.f))
	var text string
	switch n := node.(type) {
	case *ast.SequenceNode:
		if !isList {
			return at.blame(field.path, kindOf(node), field.wants(d.f))
		}
		var items []string
		for _, v := range n.Values {
			if !isNumber(v) {
				return d.at(v).blame(field.path, kindOf(v)+" in a list", field.wants(d.f))
			}
			items = append(items, v.GetToken().Value)
		}
		text = strings.Join(items, ",")
	case *ast.StringNode:
		text = n.Value
		if !isText && quoted(n) {
			return at.blame(field.path, kindOf(node), field.wants(d.f))
		}
	case *ast.LiteralNode:
		if !isText || n.Value == nil {
			return at.blame(field.path, kindOf(node), field.wants(d.f))
		}
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = n.GetToken().Value
		if isText {
			return at.blame(field.path, kindOf(node), field.wants(d.f)+" (put it in quotes)")
		}
	default:
		return at.blame(field.path, kindOf(node), field.wants(d.f))
	}
	if !field.set(d.f, text) {
		return at.blame(field.path, kindOf(node), field.wants(d.f))
	}
	return nil
}

// children are the names allowed in the mapping at prefix.
func (f *File) children(prefix string) []string {
	var names []string
	for _, path := range f.paths() {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(rest, ".")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
}

// isNumber reports an item of a list that may be a number; its type is looked at later.
func isNumber(node ast.Node) bool {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

// foundIn shows the value of a field whose type is not known.
func foundIn(node ast.Node) string {
	if node != nil && node.GetToken() != nil && len(entries(node)) == 0 {
		return shownText(node.GetToken().Value)
	}
	return kindOf(node)
}
