package reviews

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text is the review in a row. Many goroutines may call it at once.
func (x *Reader) Text(row Row) (text string, err error) {
	if row.Err != nil {
		return "", row.Err
	}
	text = row.Text
	switch x.format {
	case Tabs:
		text, err = x.cell(row.Text)
	case JSON:
		text, err = member(row.Text, x.field)
	}
	switch {
	case err != nil:
		return "", err
	case !utf8.ValidString(text):
		return "", errors.New("not UTF-8; convert the file (iconv -t UTF-8)")
	case strings.IndexByte(text, 0) >= 0:
		return "", errors.New("a zero byte in its text")
	}
	return text, nil
}

// cell is a column of a row. The last column of the first row reaches to the end of the row, tabs within it included.
func (x *Reader) cell(row string) (string, error) {
	if strings.TrimSpace(row) == "" {
		return "", nil
	}
	most := -1
	if x.column == x.width-1 {
		most = x.width
	}
	fields := strings.SplitN(row, "\t", most)
	if err := x.fits(len(fields)); err != nil {
		return "", err
	}
	return fields[x.column], nil
}

// HasLabel says whether a line is columns with tabs between, the first or the last of which is a label, 0 or 1.
func HasLabel(line string) bool {
	first, _, ok := strings.Cut(line, "\t")
	last := line[strings.LastIndexByte(line, '\t')+1:]
	return ok && (first == "0" || first == "1" || last == "0" || last == "1")
}

// BeginsLines is an error of the first line of a JSON file that has no object a line, but a list of objects, or one object over several lines.
func BeginsLines(line string) error {
	switch line = strings.TrimSpace(line); {
	case strings.HasPrefix(line, "["):
		return errors.New("the file is a list of JSON; an object a line is wanted, as jq -c '.[]' FILE writes them")
	case line == "{":
		return errors.New("an object of JSON over several lines; an object a line is wanted, as jq -c . FILE writes them")
	}
	return nil
}

// member is a text of an object, by its name or by names with points between; null is an empty one.
func member(object, name string) (string, error) {
	if strings.TrimSpace(object) == "" {
		return "", nil
	}
	if !utf8.ValidString(object) { // which the decoder would put other characters for
		return "", errors.New("not UTF-8; convert the file (iconv -t UTF-8)")
	}
	at := json.RawMessage(object)
	for rest, more := name, true; more; {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(at, &members); err != nil {
			return "", fmt.Errorf("not an object of JSON: %w", err)
		}
		own, ok := members[rest]
		if more = !ok; more {
			first, behind, isPath := strings.Cut(rest, ".")
			if own, ok = members[first]; !ok || !isPath {
				return "", fmt.Errorf("no field %q", name)
			}
			rest = behind
		}
		at = own
	}
	var text *string
	if err := json.Unmarshal(at, &text); err != nil {
		return "", fmt.Errorf("its field %q is no text", name)
	}
	if text == nil {
		return "", nil
	}
	return *text, nil
}
