package zoo

import (
	"fmt"
	"reflect"
	"strings"
)

// leastText is before the size that withLeast finds.
const leastText = "the least larger image that the network takes has "

// withLeast adds to an error about an image's size the next larger one that the network takes, where the error has none. config is what
// try builds a network of.
func (i Info) withLeast(err error, config any, try func(config any) error) error {
	field := i.Field("image")
	if err == nil || field == nil || !strings.HasPrefix(err.Error(), "model.image: ") ||
		strings.Contains(err.Error(), " pixels or more") || strings.Contains(err.Error(), leastText) {
		return err
	}
	const most = 1024
	larger := reflect.New(i.config)
	larger.Elem().Set(reflect.ValueOf(config).Elem())
	side := field.At(larger.Interface()).(*int)
	for *side++; *side <= most; *side++ {
		if try(larger.Interface()) == nil {
			return fmt.Errorf("%w; %s%d pixels a side", err, leastText, *side)
		}
	}
	return err
}
