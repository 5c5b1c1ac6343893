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
	content map[string][]byte // by field, where it was read
	again   string            // a field that is there twice, or ""
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
	text := strings.TrimSpace(string(g.content[field]))
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
		return "", fmt.Errorf("no %s, only %s", what, strings.Join(g.fields, ", "))
	case len(ending) > 1:
		return "", fmt.Errorf("more than one %s: %s", what, strings.Join(ending, ", "))
	}
	return ending[0], nil
}
