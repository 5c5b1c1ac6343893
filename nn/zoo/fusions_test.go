package zoo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// What the plan joins in the models for images, by rule, and one place of each.
func TestFusionsOfModels(t *testing.T) {
	for _, c := range []struct {
		config Config
		mode   nn.Mode
		want   string
		where  string
	}{
		{Config{Kind: "lenet5", Classes: 10, Image: 28, Channels: 1}, nn.Training,
			"convolution in max pool 2", "convolution in max pool: conv2, pool2"},
		{Config{Kind: "lenet5", Classes: 10, Image: 28, Channels: 1}, nn.Inference, "", ""},
		{Config{Kind: "resnet18", Classes: 10, Image: 32, Channels: 3}, nn.Training,
			"norm + add 8, norm + activation 17, moments in convolution 20, sums in convolution's backward 15",
			"norm + activation: layer2.0.bn2, layer2.0.relu2"},
		{Config{Kind: "resnet18", Classes: 10, Image: 32, Channels: 3}, nn.Inference,
			"norm + add 8, norm + activation 17", "norm + add: layer4.1.bn2, layer4.1.add"},
		{Config{Kind: "mobilenetv2", Classes: 10, Image: 32, Channels: 3, Dropout: 0.2}, nn.Training,
			"norm + add 10, norm + activation 35, moments in convolution 52, sums in convolution's backward 51",
			"sums in convolution's backward: features.17.conv.3, features.18.0"},
	} {
		m, err := New(c.config)
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, c.mode, 0)
		Record(m, tape, nn.NewStates(1, 2))
		tape.Measure()
		var rules, all []string
		counts := map[string]int{}
		for _, f := range tape.Fusions() {
			if counts[f.Rule]++; counts[f.Rule] == 1 {
				rules = append(rules, f.Rule)
			}
			all = append(all, f.Rule+": "+strings.Join(f.Where, ", "))
		}
		for i, r := range rules {
			rules[i] = fmt.Sprintf("%s %d", r, counts[r])
		}
		if got := strings.Join(rules, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.config.Kind, got, c.want)
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, c.where) {
			t.Errorf("%s: no %s among\n%s", c.config.Kind, c.where, text)
		}
	}
}
