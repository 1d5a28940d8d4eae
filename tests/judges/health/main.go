// What Flux and Argo CD make of objects: the one by kstatus itself, the other by a script in the interpreter that Argo CD
// has. Objects and scripts come in as JSON, verdicts go out as JSON, in the same order.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type question struct {
	// By kind.
	Scripts map[string]string
	Objects []unstructured.Unstructured
}

type verdict struct {
	Kstatus string `json:"kstatus"`
	Argo    string `json:"argo"`
	// Argo CD's.
	Message string `json:"message"`
}

func main() {
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func answer() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	verdicts := []verdict{}
	for _, object := range asked.Objects {
		name := object.GetKind() + "/" + object.GetName()
		computed, err := status.Compute(&object)
		if err != nil {
			return fmt.Errorf("kstatus on %s: %w", name, err)
		}
		argo, message, err := health(object, asked.Scripts[object.GetKind()])
		if err != nil {
			return fmt.Errorf("the script on %s: %w", name, err)
		}
		verdicts = append(verdicts, verdict{computed.Status.String(), argo, message})
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

// As Argo CD does it: deletion comes before any script, and a script has no libraries but these and a second of time.
func health(object unstructured.Unstructured, script string) (string, string, error) {
	if object.GetDeletionTimestamp() != nil {
		return "Progressing", "Pending deletion", nil
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		library := lua.P{Fn: state.NewFunction(open), Protect: true}
		if err := state.CallByParam(library, lua.LString(name)); err != nil {
			return "", "", err
		}
	}
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(limit)
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return "", "", err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("it returns no table, but %s", state.Get(-1).Type())
	}
	text := func(key string) string { return lua.LVAsString(table.RawGetString(key)) }
	return text("status"), text("message"), nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case nil:
		return lua.LNil
	case bool:
		return lua.LBool(value)
	case string:
		return lua.LString(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case []any:
		list := state.NewTable()
		for _, item := range value {
			list.Append(toLua(state, item))
		}
		return list
	case map[string]any:
		table := state.NewTable()
		for key, item := range value {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	panic(fmt.Sprintf("no JSON: %T", value))
}
