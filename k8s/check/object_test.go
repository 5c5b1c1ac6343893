package check

import (
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	jobset "sigs.k8s.io/jobset/api/jobset/v1alpha2"
	kueue "sigs.k8s.io/kueue/apis/kueue/v1beta2"
	"sigs.k8s.io/yaml"
)

// object is one that was built.
type object struct {
	kind, name string
	meta       meta.ObjectMeta
	typed      any // pointer to its type
}

// types are the objects that may be there, by version and kind. Roles and ServiceAccounts are not: nothing here speaks to
// the API server.
var types = map[string]func() any{
	"v1/Namespace":                                  func() any { return &core.Namespace{} },
	"v1/Service":                                    func() any { return &core.Service{} },
	"v1/ConfigMap":                                  func() any { return &core.ConfigMap{} },
	"v1/Secret":                                     func() any { return &core.Secret{} },
	"v1/PersistentVolumeClaim":                      func() any { return &core.PersistentVolumeClaim{} },
	"apps/v1/Deployment":                            func() any { return &apps.Deployment{} },
	"apps/v1/StatefulSet":                           func() any { return &apps.StatefulSet{} },
	"autoscaling/v2/HorizontalPodAutoscaler":        func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"batch/v1/Job":                                  func() any { return &batch.Job{} },
	"policy/v1/PodDisruptionBudget":                 func() any { return &policy.PodDisruptionBudget{} },
	"networking.k8s.io/v1/NetworkPolicy":            func() any { return &networking.NetworkPolicy{} },
	"jobset.x-k8s.io/v1alpha2/JobSet":               func() any { return &jobset.JobSet{} },
	"kueue.x-k8s.io/v1beta2/LocalQueue":             func() any { return &kueue.LocalQueue{} },
	"kueue.x-k8s.io/v1beta2/ClusterQueue":           func() any { return &kueue.ClusterQueue{} },
	"kueue.x-k8s.io/v1beta2/ResourceFlavor":         func() any { return &kueue.ResourceFlavor{} },
	"cert-manager.io/v1/Issuer":                     func() any { return &certmanager.Issuer{} },
	"cert-manager.io/v1/Certificate":                func() any { return &certmanager.Certificate{} },
	"monitoring.coreos.com/v1/PodMonitor":           func() any { return &monitoring.PodMonitor{} },
	"monitoring.coreos.com/v1/PrometheusRule":       func() any { return &monitoring.PrometheusRule{} },
	"trainer.kubeflow.org/v1alpha1/TrainingRuntime": func() any { return &trainingRuntime{} },
	"keda.sh/v1alpha1/ScaledObject":                 func() any { return &scaledObject{} },
}

// scaledObject is what we use of KEDA's, whose module brings half of every cloud with it.
type scaledObject struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		ScaleTargetRef struct {
			Name string `json:"name"`
		} `json:"scaleTargetRef"`
		PollingInterval int `json:"pollingInterval,omitempty"`
		MinReplicaCount int `json:"minReplicaCount"`
		MaxReplicaCount int `json:"maxReplicaCount"`
		Fallback        struct {
			FailureThreshold int    `json:"failureThreshold"`
			Replicas         int    `json:"replicas"`
			Behavior         string `json:"behavior,omitempty"`
		} `json:"fallback,omitzero"`
		Advanced struct {
			HPA struct {
				Behavior autoscaling.HorizontalPodAutoscalerBehavior `json:"behavior"`
			} `json:"horizontalPodAutoscalerConfig"`
		} `json:"advanced,omitzero"`
		Triggers []struct {
			Type       string            `json:"type"`
			MetricType string            `json:"metricType,omitempty"`
			Metadata   map[string]string `json:"metadata"`
		} `json:"triggers"`
	} `json:"spec"`
}

// trainingRuntime is what we use of Kubeflow Trainer's, whose module needs another Kubernetes than the others here.
type trainingRuntime struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		MLPolicy struct {
			NumNodes int32 `json:"numNodes"`
		} `json:"mlPolicy"`
		Template struct {
			Spec jobset.JobSetSpec `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

// clusterWide are the kinds without a namespace.
var clusterWide = map[string]bool{"Namespace": true, "ClusterQueue": true, "ResourceFlavor": true}

// decode reads a document and takes no field that its type does not have.
func decode(t *testing.T, doc []byte) object {
	t.Helper()
	var head struct {
		meta.TypeMeta   `json:",inline"`
		meta.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(doc, &head); err != nil {
		t.Fatal(err)
	}
	make := types[head.APIVersion+"/"+head.Kind]
	if make == nil {
		t.Fatalf("%s/%s %s is no kind that is to be here", head.APIVersion, head.Kind, head.Name)
	}
	o := object{head.Kind, head.Name, head.ObjectMeta, make()}
	if err := yaml.UnmarshalStrict(doc, o.typed); err != nil {
		t.Errorf("%s %s: %v", head.Kind, head.Name, err)
	}
	if !clusterWide[o.kind] && o.meta.Namespace != "rondo" {
		t.Errorf("%s %s is in namespace %q, want rondo", o.kind, o.name, o.meta.Namespace)
	}
	return o
}

// all are the objects of a type.
func all[T any](objects []object) []*T {
	var found []*T
	for _, o := range objects {
		if typed, ok := o.typed.(*T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// pods are the templates of an overlay's pods, with the name of what makes them.
type pods struct {
	owner string // kind and name
	core.PodTemplateSpec
	selector *meta.LabelSelector // of the owner; nil: it sets its own
}

func podsOf(objects []object) []pods {
	var found []pods
	for _, o := range objects {
		owner := o.kind + " " + o.name
		switch typed := o.typed.(type) {
		case *apps.Deployment:
			found = append(found, pods{owner, typed.Spec.Template, typed.Spec.Selector})
		case *apps.StatefulSet:
			found = append(found, pods{owner, typed.Spec.Template, typed.Spec.Selector})
		case *batch.Job:
			found = append(found, pods{owner, typed.Spec.Template, nil})
		case *jobset.JobSet:
			for _, j := range typed.Spec.ReplicatedJobs {
				found = append(found, pods{owner, j.Template.Spec.Template, nil})
			}
		case *trainingRuntime:
			for _, j := range typed.Spec.Template.Spec.ReplicatedJobs {
				found = append(found, pods{owner, j.Template.Spec.Template, nil})
			}
		}
	}
	return found
}

// forPods runs a check on all pods of all variants.
func forPods(t *testing.T, check func(t *testing.T, p pods)) {
	t.Helper()
	forEach(t, func(t *testing.T, objects []object) {
		for _, p := range podsOf(objects) {
			t.Run(p.owner, func(t *testing.T) { check(t, p) })
		}
	})
}

// component is coordinator, worker or etcd.
func (p pods) component() string { return p.Labels["app.kubernetes.io/component"] }
