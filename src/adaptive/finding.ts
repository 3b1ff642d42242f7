/** What diagnose() reports, and how a table of rules is run. */

/** A rule of the guide's troubleshooting table that applies now. */
export interface Finding {
  readonly id: string;
  readonly symptom: string;
  readonly cause: string;
  /** The figures that show it. */
  readonly evidence: string;
  /** The option to change, ready to paste. */
  readonly solution: string;
}

/** Looks at figures and settings; undefined when the rule does not apply. */
export type DiagnosisRule<Figures, Settings> = (figures: Figures, settings: Settings) => Finding | undefined;

/** The findings of all rules that apply, in the order of the table. */
export function applyRules<Figures, Settings>(
  rules: readonly DiagnosisRule<Figures, Settings>[],
  figures: Figures,
  settings: Settings,
): readonly Finding[] {
  return rules.flatMap((rule) => rule(figures, settings) ?? []);
}
