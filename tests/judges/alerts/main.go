// Which alerts fire when: Prometheus's own rules, fed with series over time.
//
// Each argument is a file as `promtool test rules` takes it, as far as that is about alerts. promtool itself would bring
// along the clients of every cloud that it can find targets in.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v2"
)

type file struct {
	RuleFiles          []string       `yaml:"rule_files"`
	EvaluationInterval model.Duration `yaml:"evaluation_interval"`
	Tests              []story
}

type story struct {
	Name        string
	Interval    model.Duration
	InputSeries []struct{ Series, Values string } `yaml:"input_series"`
	Moments     []moment                          `yaml:"alert_rule_test"`
}

type moment struct {
	EvalTime  model.Duration `yaml:"eval_time"`
	Alertname string
	ExpAlerts []alert `yaml:"exp_alerts"`
}

type alert struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations"`
}

func main() {
	var faults []error
	for _, path := range os.Args[1:] {
		if err := follow(path); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func follow(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var asked file
	if err := yaml.UnmarshalStrict(text, &asked); err != nil {
		return err
	}
	for i, rules := range asked.RuleFiles {
		if !filepath.IsAbs(rules) {
			asked.RuleFiles[i] = filepath.Join(filepath.Dir(path), rules)
		}
	}
	var faults []error
	for _, story := range asked.Tests {
		if err := story.follow(asked.RuleFiles, time.Duration(asked.EvaluationInterval)); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", story.Name, err))
		}
	}
	return errors.Join(faults...)
}

func (s story) follow(files []string, step time.Duration) error {
	load := fmt.Sprintf("load %s\n", time.Duration(s.Interval))
	for _, series := range s.InputSeries {
		load += fmt.Sprintf("  %s %s\n", series.Series, series.Values)
	}
	grammar := parser.NewParser(parser.Options{})
	loader, err := promqltest.NewLazyLoader(load, promqltest.LazyLoaderOpts{
		EnableAtModifier: true, EnableNegativeOffset: true, Parser: grammar,
	})
	if err != nil {
		return err
	}
	defer loader.Close()
	loader.SubqueryInterval = step
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc:    rules.EngineQueryFunc(loader.QueryEngine(), loader.Storage()),
		AppendableV2: loader.Storage(),
		Context:      context.Background(),
		NotifyFunc:   func(context.Context, string, ...*rules.Alert) {},
		Logger:       promslog.NewNopLogger(),
		Parser:       grammar,
	})
	groups, errs := manager.LoadGroups(time.Duration(s.Interval), labels.EmptyLabels(), "", nil, false, files...)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	alerting := map[string]*rules.AlertingRule{}
	for _, group := range groups {
		for _, rule := range group.AlertingRules() {
			// There was no Prometheus before this one whose alerts would have to be read first.
			rule.SetRestored(true)
			alerting[rule.Name()] = rule
		}
	}

	moments := slices.SortedFunc(slices.Values(s.Moments), func(a, b moment) int { return int(a.EvalTime - b.EvalTime) })
	var faults []error
	for now := time.Duration(0); len(moments) > 0; now += step {
		at := time.Unix(0, 0).UTC().Add(now)
		loader.WithSamplesTill(at, func(err error) { faults = append(faults, err) })
		for _, group := range groups {
			group.Eval(loader.Context(), at)
			for _, rule := range group.Rules() {
				faults = append(faults, rule.LastError())
			}
		}
		for len(moments) > 0 && time.Duration(moments[0].EvalTime) < now+step {
			faults = append(faults, moments[0].look(alerting))
			moments = moments[1:]
		}
	}
	return errors.Join(faults...)
}

func (m moment) look(alerting map[string]*rules.AlertingRule) error {
	rule, known := alerting[m.Alertname]
	if !known {
		return fmt.Errorf("no rule has an alert %s", m.Alertname)
	}
	var wanted, firing []string
	for _, alert := range m.ExpAlerts {
		if alert.Labels == nil {
			alert.Labels = map[string]string{}
		}
		alert.Labels[labels.AlertName] = m.Alertname
		wanted = append(wanted, alert.String())
	}
	for _, active := range rule.ActiveAlerts() {
		if active.State == rules.StateFiring {
			firing = append(firing, alert{active.Labels.Map(), active.Annotations.Map()}.String())
		}
	}
	slices.Sort(wanted)
	slices.Sort(firing)
	if slices.Equal(wanted, firing) {
		return nil
	}
	list := func(alerts []string) string { return strings.Join(append([]string{""}, alerts...), "\n      ") }
	return fmt.Errorf("%s after %s\n    is to fire as%s\n    and fires as%s", m.Alertname, m.EvalTime, list(wanted), list(firing))
}

func (a alert) String() string {
	text, err := json.Marshal([]map[string]string{a.Labels, a.Annotations})
	if err != nil {
		panic(err)
	}
	return string(text)
}
