package runfile

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/rondo-ml/rondo/nn/fields"
)

// at is the line of a node.
func (d *decoder) at(node ast.Node) place {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return d.line(0)
	}
	return d.line(node.GetToken().Position.Line)
}

func (d *decoder) line(n int) place {
	p := place{file: d.name}
	if n >= 1 && n <= len(d.lines) {
		p.line, p.source = n, strings.TrimRight(d.lines[n-1], "\r")
	}
	return p
}

// quoted reports whether a text stands in quotes, and so is no number and no truth.
func quoted(n *ast.StringNode) bool {
	t := n.GetToken().Type
	return t == token.SingleQuoteType || t == token.DoubleQuoteType
}

// kindOf says what a node is, as a user would.
func kindOf(node ast.Node) string {
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		if _, number := fields.ParseFloat(n.Value); number && !quoted(n) {
			return "the number " + n.Value // one that the YAML library does not take for a number
		}
		return "the text " + quote(n.Value)
	case *ast.LiteralNode:
		return "a block of text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	case *ast.BoolNode:
		return n.GetToken().Value
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a section of fields"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor or alias, which run files do not have"
	case *ast.TagNode:
		return "a tag, which run files do not have"
	default:
		return "something else"
	}
}
