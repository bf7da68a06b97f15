import java.io.*;
import java.util.Base64;
import java.util.*;
import org.apache.spark.sql.catalyst.analysis.*;
import org.apache.spark.sql.catalyst.expressions.*;
import org.apache.spark.sql.catalyst.parser.NamedParameterContext;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkSqlParser;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Says of each text, a line of base64, what Spark's own parser makes of it: `-` no statement, `R` one that only reads, `W`
 * one that may do more. Double quotes may be strings or names, so each text is read both ways.
 */
class Judge {
  static final Set<String> RUNNING = Set.of("reflect", "try_reflect", "java_method");
  static final String READING = "(Show|Describe|List).*|Aggregate|CurrentNamespace\\$|Distinct|Except|Filter|Generate|"
      + "(Global|Local)Limit|LimitAll|Intersect|(Lateral)?Join|LocalRelation|Offset|OneRowRelation|PipeOperator|Pivot|"
      + "PlanWithUnresolvedIdentifier|Project|RepartitionByExpression|Sample|Sort|SubqueryAlias|Union|Unpivot|"
      + "Unresolved(EventTimeWatermark|FunctionName|Having|Hint|Identifier|InlineTable|Namespace|Relation|SubqueryColumnAliases|TVFAliases|"
      + "Table|TableOrView|TableValuedFunction|View|With)|WithWindowDefinition|FunctionTableSubqueryArgumentExpression";
  /** EXPLAIN of these runs nothing. */
  static final String CHANGING = "InsertInto(Statement|Dir)|DeleteFromTable|UpdateTable|MergeIntoTable";

  static final NamedParameterContext VALUES = new NamedParameterContext(
      scala.collection.immutable.Map$.MODULE$.<String, Expression>empty().updated("taskwire_1", Literal$.MODULE$.apply("cat")));

  public static void main(String[] arguments) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in));
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      var text = new String(Base64.getDecoder().decode(line), "UTF-8");
      var verdicts = verdict(text, "false") + (text.contains("\"") ? verdict(text, "true") : "");
      out.println(verdicts.contains("W") ? 'W' : verdicts.contains("R") ? 'R' : '-');
    }
  }

  static String verdict(String text, String quotedNames) {
    SQLConf.get().setConfString("spark.sql.ansi.doubleQuotedIdentifiers", quotedNames);
    try {
      return reads(new SparkSqlParser().parsePlanWithParameters(text, VALUES), false) ? "R" : "W";
    } catch (Exception | StackOverflowError wrong) {
      return "-";
    }
  }

  /** Whether a plan, and all that is in it, only reads. */
  static boolean reads(Object part, boolean explained) {
    var name = part.getClass().getSimpleName();
    if (name.equals("ExplainCommand")) explained = true;
    else if (part instanceof LogicalPlan && !name.matches(READING) && !(explained && name.matches(CHANGING))) return false;
    if (part instanceof UnresolvedFunction call && RUNNING.contains(call.nameParts().last().toLowerCase())) return false;
    // `IDENTIFIER(…)` may name anything: what is it, then?
    var anything = scala.jdk.javaapi.CollectionConverters.asScala(List.of("reflect")).toSeq();
    Object named = part instanceof PlanWithUnresolvedIdentifier plan ? plan.planBuilder().apply(anything, plan.children())
        : part instanceof ExpressionWithUnresolvedIdentifier value ? value.exprBuilder().apply(anything, value.otherExprs()) : "";
    return reads(named, part, explained);
  }

  static boolean reads(Object named, Object part, boolean explained) {
    if (named != "" && !reads(named, explained)) return false;
    if (part instanceof scala.collection.Iterable<?> list) return list.forall(each -> reads(each, explained));
    return !(part instanceof scala.Product fields) || fields.productIterator().forall(each -> reads(each, explained));
  }
}
