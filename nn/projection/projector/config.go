package projector

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// config names the files of one set, as TensorBoard has it.
type config struct {
	Name      string `json:"tensorName"`
	Shape     []int  `json:"tensorShape"`
	Tensor    string `json:"tensorPath"`
	Metadata  string `json:"metadataPath,omitempty"`
	Bookmarks string `json:"bookmarksPath,omitempty"`

	Sprite *spriteConfig `json:"sprite,omitempty"`
}

// spriteConfig names a picture with a small one of each point.
type spriteConfig struct {
	Path string `json:"imagePath"`
	Size []int  `json:"singleImageDim"` // width, height
}

// parseJSON reads a projector_config.json: its first embedding.
func parseJSON(text []byte) (c config, err error) {
	var all struct {
		Embeddings []config `json:"embeddings"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return c, err
	}
	if len(all.Embeddings) == 0 {
		return c, fmt.Errorf("no embeddings")
	}
	return all.Embeddings[0], nil
}

// parseText reads a projector_config.pbtxt: its first embedding. Fields that are not known are passed over.
func parseText(text string) (c config, err error) {
	words, err := cut(text)
	if err != nil {
		return c, err
	}
	var within []string
	seen := 0
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "}":
			if len(within) == 0 {
				return c, fmt.Errorf("a } too many")
			}
			within = within[:len(within)-1]
		case i+1 < len(words) && words[i+1] == "{", i+2 < len(words) && words[i+1] == ":" && words[i+2] == "{":
			for words[i] != "{" {
				i++
			}
			within = append(within, w)
			if w == "embeddings" {
				seen++
			}
		case i+2 < len(words) && words[i+1] == ":":
			i += 2
			values := words[i : i+1]
			if words[i] == "[" {
				from := i + 1
				for i < len(words) && words[i] != "]" {
					i++
				}
				values = words[from:min(i, len(words))]
			}
			if seen == 1 && within[0] == "embeddings" && (len(within) == 1 || len(within) == 2 && within[1] == "sprite") {
				if err := c.set(strings.Join(append(within[1:], w), "."), values); err != nil {
					return c, err
				}
			}
		default:
			return c, fmt.Errorf("%q stands alone; want NAME: VALUE or NAME { … }", short(w))
		}
	}
	switch {
	case len(within) > 0:
		return c, fmt.Errorf("a } is missing")
	case seen == 0:
		return c, fmt.Errorf("no embeddings")
	}
	return c, nil
}

// set takes a field.
func (c *config) set(name string, values []string) error {
	if c.Sprite == nil {
		c.Sprite = &spriteConfig{}
		defer func() {
			if c.Sprite.Path == "" && c.Sprite.Size == nil {
				c.Sprite = nil
			}
		}()
	}
	sizes := map[string]*[]int{"tensor_shape": &c.Shape, "sprite.single_image_dim": &c.Sprite.Size}
	for _, v := range values {
		if list := sizes[name]; list != nil {
			if v == "," {
				continue
			}
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("%s: %q is no whole number", name, short(v))
			}
			*list = append(*list, n)
			continue
		}
		to := map[string]*string{"tensor_name": &c.Name, "tensor_path": &c.Tensor, "metadata_path": &c.Metadata, "bookmarks_path": &c.Bookmarks,
			"sprite.image_path": &c.Sprite.Path}[name]
		if to == nil {
			return nil
		}
		text, err := strconv.Unquote(v)
		if err != nil {
			return fmt.Errorf("%s: %s is no text in quotes", name, short(v))
		}
		*to = text
	}
	return nil
}

// cut makes words of a text: names, numbers, texts in quotes, and marks. What follows # is left out.
func cut(text string) (words []string, err error) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '#':
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return words, nil
			}
			i += end
		case c <= ' ' || c == ';':
			i++
		case c == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(text) {
				return nil, fmt.Errorf("a quote is not closed: %s", short(text[i:]))
			}
			words = append(words, text[i:end+1])
			i = end + 1
		case strings.IndexByte("{}[]:,<>'", c) >= 0:
			words = append(words, text[i:i+1])
			i++
		default:
			end := strings.IndexFunc(text[i:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("{}[]:,;#\"<>'", r) })
			if end <= 0 {
				end = len(text) - i
			}
			words = append(words, text[i:i+end])
			i += end
		}
	}
	return words, nil
}

// text is the config as the plugin reads it.
func (c config) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "embeddings {\n  tensor_name: %s\n  tensor_path: %s\n", quote(c.Name), quote(c.Tensor))
	for _, n := range c.Shape {
		fmt.Fprintf(&b, "  tensor_shape: %d\n", n)
	}
	if c.Metadata != "" {
		fmt.Fprintf(&b, "  metadata_path: %s\n", quote(c.Metadata))
	}
	if c.Bookmarks != "" {
		fmt.Fprintf(&b, "  bookmarks_path: %s\n", quote(c.Bookmarks))
	}
	if c.Sprite != nil {
		fmt.Fprintf(&b, "  sprite {\n    image_path: %s\n", quote(c.Sprite.Path))
		for _, n := range c.Sprite.Size {
			fmt.Fprintf(&b, "    single_image_dim: %d\n", n)
		}
		b.WriteString("  }\n")
	}
	return b.String() + "}\n"
}

// quote is a text in quotes, of ASCII with octal escapes, which both Go and text protos read.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String() + `"`
}
