package cutting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// group is the members of one sample.
type group struct {
	key     string
	fields  []string
	has     map[string]bool   // the fields
	content map[string][]byte // by field, where it was read
	again   string            // a field that is there twice, or ""
	large   string            // a field that is larger than limit and was not read, or ""
	limit   int64             // of large: what pictures before it in the sample left
	late    bool              // the key was there before, with other members between
}

var pictureFields = []string{"jpg", "jpeg", "png", "gif", "webp"}

// picture is the field that holds the picture.
func (g *group) picture() (string, error) { return g.only("picture", pictureFields) }

// class is the text of the field that holds the class.
func (g *group) class() (string, error) {
	field, err := g.only("class (cls)", []string{"cls"})
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(g.content[field]), byteOrderMark))
	if text == "" {
		return "", errors.New("its class is empty")
	}
	return text, nil
}

// only finds the one field that is one of endings, or else the only one that ends so.
func (g *group) only(what string, endings []string) (string, error) {
	if g.again != "" {
		return "", fmt.Errorf("%s is there twice", g.again)
	}
	if g.large != "" {
		return "", fmt.Errorf("%s is larger than the %d bytes that it may have", g.large, g.limit)
	}
	if g.late {
		return "", errors.New("the name was there before, with other members between")
	}
	var whole, ending []string
	for _, field := range g.fields {
		last := strings.ToLower(field[strings.LastIndexByte(field, '.')+1:])
		if slices.Contains(endings, last) {
			ending = append(ending, field)
			if last == strings.ToLower(field) {
				whole = append(whole, field)
			}
		}
	}
	switch {
	case len(whole) == 1:
		return whole[0], nil
	case len(ending) == 0:
		return "", fmt.Errorf("no %s, only %s", what, list(g.fields))
	case len(ending) > 1:
		return "", fmt.Errorf("more than one %s: %s", what, list(ending))
	}
	return ending[0], nil
}
