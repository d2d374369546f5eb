// Package questions lets a judge answer many cases in one process.
package questions

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

const longestLine = 64 << 20

// Serve answers one JSON question per line on standard input by one JSON answer per line on standard output, and ends the
// program with code 1 when a line is no question.
func Serve[Question, Answer any](program string, judge func(*Question) Answer) {
	if err := serve(judge); err != nil {
		fmt.Fprintln(os.Stderr, program+":", err)
		os.Exit(1)
	}
}

func serve[Question, Answer any](judge func(*Question) Answer) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	for lines.Scan() {
		var asked Question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return fmt.Errorf("a line is no question: %w", err)
		}
		if err := encoder.Encode(judge(&asked)); err != nil {
			return err
		}
	}
	return lines.Err()
}
