package token

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Bounds of a file of tokens.
const (
	maxFile  = 16 << 10
	maxLines = 16
)

// ReadFile reads a file of tokens, one a line and at least one; empty lines count for nothing. An error names the file
// and the line.
func ReadFile(path string) ([]Token, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes; want a token a line", path, maxFile)
	}
	tokens, err := parseLines(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tokens, nil
}

func parseLines(text string) ([]Token, error) {
	var tokens []Token
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		t, err := Parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if tokens = append(tokens, t); len(tokens) > maxLines {
			return nil, fmt.Errorf("more than %d tokens", maxLines)
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New("no token in it; want ID.SECRET or ID.SECRET.HASH on a line")
	}
	return tokens, nil
}
