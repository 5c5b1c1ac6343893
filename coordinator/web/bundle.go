package web

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The page's modules as one script, for a file that is opened from disk: browsers
// load no modules from there. Each module becomes a function that gives its exports,
// called when it is first needed. What the modules may write is therefore little:
// imports by name or as a whole, exported functions, classes and constants, and
// import() of a constant name. Anything else is an error.
var (
	importNames = regexp.MustCompile(`(?m)^import \{([^}]*)\} from "([^"]+)";`)
	importWhole = regexp.MustCompile(`(?m)^import \* as (\w+) from "([^"]+)";`)
	importLater = regexp.MustCompile(`\bimport\("([^"]+)"\)`)
	exported    = regexp.MustCompile(`(?m)^export ((?:async )?function\*?|class|const) (\w+)`)
	strange     = regexp.MustCompile(`(?m)^(?:import|export)\b.*|\bimport[ (.].*|.*(?i:</script|<!--).*`)
	renamed     = regexp.MustCompile(`(\w+) as (\w+)`)
)

// bundle is the script of a module and all that it needs.
func bundle(assets map[string]asset, main string) (string, error) {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\nconst made = new Map();\n" +
		"const need = (name) => made.get(name) ?? made.set(name, parts[name]()).get(name);\nconst parts = {\n")
	names := []string{main}
	for i := 0; i < len(names); i++ {
		a, ok := assets[names[i]]
		if !ok {
			return "", fmt.Errorf("%s: there is no such module", names[i])
		}
		text, needs, err := module(names[i], string(a.body))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%q() {\n%s},\n", names[i], text)
		for _, n := range needs {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	fmt.Fprintf(&b, "};\nneed(%q);\n})();\n", main)
	return b.String(), nil
}

// module is the body of a module's function, and the names of those that it needs.
func module(name, text string) (body string, needs []string, err error) {
	of := func(from string) string {
		n := path.Join(path.Dir(name), from)
		needs = append(needs, n)
		return n
	}
	each := func(re *regexp.Regexp, put func(part []string) string) {
		text = re.ReplaceAllStringFunc(text, func(found string) string { return put(re.FindStringSubmatch(found)) })
	}
	var gives []string
	each(importNames, func(p []string) string {
		return fmt.Sprintf("const {%s} = need(%q);", renamed.ReplaceAllString(p[1], "$1: $2"), of(p[2]))
	})
	each(importWhole, func(p []string) string { return fmt.Sprintf("const %s = need(%q);", p[1], of(p[2])) })
	each(importLater, func(p []string) string { return fmt.Sprintf("Promise.resolve().then(() => need(%q))", of(p[1])) })
	each(exported, func(p []string) string {
		gives = append(gives, p[2])
		return p[1] + " " + p[2]
	})
	if at := strange.FindString(text); at != "" {
		return "", nil, fmt.Errorf("%s: %q cannot be put into a report; see bundle.go", name, at)
	}
	return fmt.Sprintf("%sreturn { %s };\n", text, strings.Join(gives, ", ")), needs, nil
}
