package cmd

import (
	"strings"
	"testing"
)

// TestModelsWindow asks for what is known by hand, and of published networks.
func TestModelsWindow(t *testing.T) {
	for window, want := range map[string]string{
		"in=224 kernel=7 stride=2 pad=3":                           "out = 112\n", // ResNet's first layer
		"in=227 kernel=11 stride=4":                                "out = 55\n",  // AlexNet's
		"in=100 kernel=3":                                          "out = 98\n",
		"in=32 kernel=3 dilation=2 pad=2":                          "out = 32\n",
		"in=112 kernel=3 stride=2 ceil":                            "out = 56\n", // GoogLeNet's pooling
		"in=331 kernel=7 stride=2 same":                            "out = 166\n",
		"in=? kernel=7 stride=2 pad=3 out=112":                     "in = 223 to 224\n",
		"in=32 kernel=5 pad=? out=32":                              "pad = 2\n",
		"in=224 kernel=? stride=4 out=56":                          "kernel = 1 to 4\n",
		"in=28 kernel=2 stride=? out=14":                           "stride = 2\n",
		"in=9 kernel=3 dilation=? out=3":                           "dilation = 3\n",
		"in=16 kernel=4 stride=2 pad=1 transposed":                 "out = 32\n",
		"in=16 kernel=3 stride=2 pad=1 outpad=1 transposed":        "out = 32\nkernel 3 is no multiple of stride 2: some pixels are covered more often than others, a checkerboard\n",
		"in=16 kernel=4 stride=2 pad=? transposed out=32":          "pad = 1\n",
		"in=7 kernel=64 stride=32 pad=16 transposed":               "out = 224\n", // FCN-32s
		"in=16 kernel=3 stride=2 pad=1 outpad=? transposed out=31": "outpad = 0\nkernel 3 is no multiple of stride 2: some pixels are covered more often than others, a checkerboard\n",
	} {
		if status, out := models(t, "--window", window); status != 0 || out != want {
			t.Errorf("%s: status %d, %q, want %q", window, status, out, want)
		}
	}
	for window, want := range map[string]string{
		"in=5 kernel=7":                              "--window: a kernel of 7 taps, 7 pixels from end to end, does not fit an input of 5",
		"in=5":                                       "kernel= is missing",
		"kernel=3 in=5 depth=2":                      `"depth=2" is none of in=`,
		"kernel=0 in=5":                              "kernel=0: a whole number from 1 to 8192",
		"kernel=99999999999999999999 in=5":           "a whole number from 1 to 8192",
		"in=? kernel=? out=3":                        "in and kernel are both asked for",
		"in=5 in=6 kernel=3":                         "in is there twice",
		"in=5 kernel=3 out=3":                        "nothing is asked for",
		"in=5 kernel=3 pad=?":                        "out= is missing, which pad is to give",
		"in=5 kernel=3 outpad=1":                     "outpad= is for transposed",
		"in=5 kernel=3 ceil transposed":              "ceil is for what is not transposed",
		"in=5 kernel=3 same pad=1":                   "same chooses the padding",
		"in=10 kernel=3 stride=? out=7":              "no stride up to 8192 gives 7",
		"in=5 kernel=3 stride=2 outpad=2 transposed": "the output padding is 2; it must be at least 0 and less than the stride",
	} {
		if status, out := models(t, "--window", window); status != exitUsage || !strings.Contains(out, want) {
			t.Errorf("%s: status %d, %q, want %q", window, status, out, want)
		}
	}
	if status, out := models(t, "lenet5", "--window", "in=5 kernel=3"); status != exitUsage || !strings.Contains(out, "--window is about no KIND") {
		t.Errorf("a kind beside: status %d, %q", status, out)
	}
}
