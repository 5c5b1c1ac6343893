package api

import "fmt"

// MaxText is how many bytes a text of a message may have.
const MaxText = 16 << 10

// CheckText says that the text of a field is too long.
func CheckText(field, text string) error {
	if len(text) > MaxText {
		return fmt.Errorf("%s: %d bytes, at most %d", field, len(text), MaxText)
	}
	return nil
}

// CheckSizes says which of the counts and times of a message is below zero.
func CheckSizes(message string, sizes ...int64) error {
	for _, n := range sizes {
		if n < 0 {
			return fmt.Errorf("%s: a count or a time of %d", message, n)
		}
	}
	return nil
}
