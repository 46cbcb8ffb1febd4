/* The grammar of the language: pure syntax, free of conflicts. Actions are calls into build.h; what a
 * construct means is sema's business.
 *
 * Where a slip is common and its meaning plain, the grammar has a rule for it that reports the slip and
 * reads on as if the right thing stood there: a missing `:`, a missing block, too much indentation,
 * `=` in a condition. Every other error ends its statement: `stmts error NEWLINE`. */
%code requires {
#include "parser/build.h"
}

%code {
#include "parser/syntax_error.h"

#define YYLLOC_DEFAULT(current, rhs, count)                                                        \
    ((current) = (count) > 0 ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, count))                   \
                             : span_after(YYRHSLOC(rhs, 0)))
#define YYMAXDEPTH 20000

static int yylex(YYSTYPE *value, YYLTYPE *place, Parser *p);
static void yyerror(const YYLTYPE *place, Parser *p, const char *message);
}

%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {T_}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%param {Parser *p}
%expect 0
%initial-action { (void)yynerrs; /* counted by bison, read by nobody */ }

%union {
    const Token *token;
    TokenVec tokens;
    Ident ident;
    IdentVec idents;
    Expr *expr;
    ExprVec exprs;
    Arg arg;
    ArgVec args;
    GeneratorClause clause;
    GeneratorClauseVec clauses;
    Stmt *stmt;
    StmtVec stmts;
    Block block;
    ParamDecl param;
    ParamVec params;
    GenericParam generic;
    GenericVec generics;
    Conventions conventions;
    Decorator decorator;
    DecoratorVec decorators;
    FnDecl *fn;
    FnTail tail;
    StructDecl *strukt;
    TraitDecl *trait;
    ImportDecl *import;
    ImportedName imported;
    ImportedNameVec imports;
    LoopHead loop;
    LoopStrength strength;
    ReduceClause reduction;
    ReduceVec reductions;
    BinaryOp op;
}

%token NEWLINE INDENT DEDENT END
%token <token> NAME INT FLOAT STRING BYTES ERROR TRUE FALSE
%token <token> WORD /* a NAME in the one place where it acts as a keyword: cursor.c */
%token FN "fn" DEF "def" STRUCT "struct" TRAIT "trait" EXTERN "extern"
%token IMPORT "import" FROM "from" AS "as" ALIAS "alias" LET "let" VAR "var"
%token BORROWED "borrowed" INOUT "inout" OWNED "owned"
%token IF "if" ELIF "elif" ELSE "else" WHILE "while" FOR "for" IN "in" SIMD_LOOP "simd"
%token PARALLEL "parallel" REDUCE "reduce" BREAK "break" CONTINUE "continue" RETURN "return"
%token PASS "pass" RAISE "raise" RAISES "raises" TRY "try" EXCEPT "except" ASSERT "assert"
%token DEBUG_ASSERT "debug_assert" UNSAFE "unsafe" SPAWN "spawn" AND "and" OR "or" NOT "not"
%token LPAREN "(" RPAREN ")" LBRACKET "[" RBRACKET "]" COMMA "," COLON ":" DOT "." DOTDOT ".."
%token ARROW "->" AT "@" QUESTION "?" ASSIGN "=" PLUS "+" MINUS "-" STAR "*" STARSTAR "**"
%token SLASH "/" SLASHSLASH "//" PERCENT "%" AMP "&" PIPE "|" CARET "^" TRANSFER TILDE "~"
%token SHL "<<" SHR ">>" EQ "==" NE "!=" LT "<" LE "<=" GT ">" GE ">="
%token PLUS_ASSIGN "+=" MINUS_ASSIGN "-=" STAR_ASSIGN "*=" STARSTAR_ASSIGN "**="
%token SLASH_ASSIGN "/=" SLASHSLASH_ASSIGN "//=" PERCENT_ASSIGN "%=" AMP_ASSIGN "&="
%token PIPE_ASSIGN "|=" CARET_ASSIGN "^=" SHL_ASSIGN "<<=" SHR_ASSIGN ">>=" AT_ASSIGN "@="

/* From loosest to tightest, as in ast.def. */
%left "or"
%left "and"
%precedence "not"
%left "==" "!=" "<" "<=" ">" ">="
%left "|"
%left "^"
%left "&"
%left "<<" ">>"
%left "+" "-"
%left "*" "/" "//" "%" "@"
%precedence PREFIX
%right "**"

/* What follows belongs to the statement before it, if that can take it. */
%precedence ALONE
%precedence INDENT "else" "elif" "except"

%type <stmts> stmts
%type <stmt> stmt small compound if_arms handled import
%type <block> block suite indented
%type <decorator> decorator
%type <decorators> decorators
%type <fn> fn_head
%type <tail> fn_tail result
%type <strukt> struct_head
%type <generic> generic
%type <generics> generics generic_list
%type <param> param
%type <params> params param_list
%type <conventions> conventions convention
%type <loop> loop_head
%type <strength> loop_kind
%type <reduction> reduction
%type <reductions> reductions
%type <ident> name optional_as except_name loop_name reduce_op
%type <idents> names binding_names path
%type <import> module
%type <imported> imported
%type <imports> imports
%type <expr> type annotation initial default condition list expr iterable maybe_expr simple
%type <expr> primary atom
%type <exprs> items bases
%type <arg> arg subscript
%type <args> args arg_list subscripts
%type <clause> clause
%type <clauses> clauses
%type <tokens> strings
%type <op> augmented

%%

file: stmts END { file_finish(p, &$stmts); };

/* --- Statements --- */

stmts: %empty { $$ = (StmtVec){0}; p->after_error = false; }
     | stmts stmt { $$ = stmts_add(p, $1, $stmt); }
     | stmts INDENT { indent_unexpected(p, &$1, @INDENT); } stmts DEDENT
       { $$ = stmts_join(p, $1, &$4); }
     | stmts error NEWLINE { $$ = stmts_add(p, $1, stmt_new(p->ids, STMT_ERROR, @error)); yyerrok; }
     ;

stmt: small NEWLINE
    | compound
    | decorators small NEWLINE { $$ = decorate(p, &$decorators, $small, @$); }
    | decorators compound { $$ = decorate(p, &$decorators, $compound, @$); }
    | decorators decorator compound
      { $$ = decorate(p, decorators_add(p, &$1, $decorator), $compound, @$); }
    | decorator compound
      { DecoratorVec one = {0}; $$ = decorate(p, decorators_add(p, &one, $1), $compound, @$); }
    ;

decorators: decorator NEWLINE { $$ = (DecoratorVec){0}; decorators_add(p, &$$, $1); }
          | decorators decorator NEWLINE { $$ = $1; decorators_add(p, &$$, $2); }
          ;

decorator: "@" name { $$ = (Decorator){.name = $name, .span = @$}; }
         | "@" name "(" args ")"
           { $$ = (Decorator){.name = $name, .args = $args, .has_args = true, .span = @$}; }
         ;

small: list { $$ = stmt_of_expr(p, STMT_EXPR, @$, $list); }
     | list "=" list[value] { $$ = stmt_assign(p, @$, $1, $value); }
     | list augmented list[value] { $$ = stmt_augmented(p, @$, $1, $augmented, @augmented, $value); }
     | "let" binding_names annotation initial
       { $$ = stmt_binding(p, @$, false, @1, $binding_names, $annotation, $initial); }
     | "var" binding_names annotation initial
       { $$ = stmt_binding(p, @$, true, @1, $binding_names, $annotation, $initial); }
     | "alias" name annotation "=" list { $$ = stmt_alias(p, @$, $name, $annotation, $list); }
     | "return" { $$ = stmt_of_expr(p, STMT_RETURN, @$, NULL); }
     | "return" list { $$ = stmt_of_expr(p, STMT_RETURN, @$, $list); }
     | "raise" { $$ = stmt_of_expr(p, STMT_RAISE, @$, NULL); }
     | "raise" expr { $$ = stmt_of_expr(p, STMT_RAISE, @$, $expr); }
     | "break" { $$ = stmt_new(p->ids, STMT_BREAK, @$); }
     | "continue" { $$ = stmt_new(p->ids, STMT_CONTINUE, @$); }
     | "pass" { $$ = stmt_new(p->ids, STMT_PASS, @$); }
     | "assert" condition { $$ = stmt_assert(p, @$, false, $condition, NULL); }
     | "assert" condition "," expr { $$ = stmt_assert(p, @$, false, $condition, $expr); }
     | "debug_assert" condition { $$ = stmt_assert(p, @$, true, $condition, NULL); }
     | "debug_assert" condition "," expr { $$ = stmt_assert(p, @$, true, $condition, $expr); }
     | import
     ;

augmented: "+=" { $$ = BIN_ADD; } | "-=" { $$ = BIN_SUB; } | "*=" { $$ = BIN_MUL; }
         | "/=" { $$ = BIN_DIV; } | "//=" { $$ = BIN_FLOORDIV; } | "%=" { $$ = BIN_MOD; }
         | "**=" { $$ = BIN_POW; } | "@=" { $$ = BIN_MATMUL; } | "&=" { $$ = BIN_BIT_AND; }
         | "|=" { $$ = BIN_BIT_OR; } | "^=" { $$ = BIN_BIT_XOR; } | "<<=" { $$ = BIN_SHL; }
         | ">>=" { $$ = BIN_SHR; }
         ;

binding_names: names | "(" names ")" { $$ = $names; };
annotation: %empty { $$ = NULL; } | ":" type { $$ = $type; };
initial: %empty { $$ = NULL; } | "=" list { $$ = $list; };
default: %empty { $$ = NULL; } | "=" expr { $$ = $expr; };

import: "import" module { $$ = stmt_import(p, @$, $module); }
      | "import" module "," modules { $$ = stmt_import(p, @$, imports_several(p, @$, $module)); }
      | "from" path "import" imports { $$ = stmt_from(p, @$, $path, $imports); }
      | "from" path "import" imports "," { $$ = stmt_from(p, @$, $path, $imports); }
      | "from" path "import" "(" imports ")" { $$ = stmt_from(p, @$, $path, $imports); }
      | "from" path "import" "(" imports "," ")" { $$ = stmt_from(p, @$, $path, $imports); }
      | "from" path "import" "*"
        { import_star(p, @4, &$path); $$ = stmt_new(p->ids, STMT_ERROR, @$); }
      ;

module: path optional_as { $$ = import_module(p, $path, $optional_as); };
modules: module | modules "," module;
path: name { $$ = (IdentVec){0}; vec_push(p->arena, &$$, $name); }
    | path "." name { $$ = $1; vec_push(p->arena, &$$, $name); }
    ;
imports: imported { $$ = (ImportedNameVec){0}; vec_push(p->arena, &$$, $imported); }
       | imports "," imported { $$ = $1; vec_push(p->arena, &$$, $imported); }
       ;
imported: name optional_as { $$ = (ImportedName){$name, $optional_as}; };
optional_as: %empty { $$ = NO_IDENT; } | "as" name { $$ = $name; };

/* --- Blocks --- */

block: ":" small NEWLINE { $$ = block_of_stmt(p, $small); }
     | ":" fn_head NEWLINE { $$ = block_of_stmt(p, stmt_bodyless(p, $fn_head)); }
     | ":" NEWLINE indented { $$ = $indented; }
     | ":" NEWLINE %prec ALONE { $$ = block_missing(p, @1); }
     ;

suite: block
     | no_colon indented { $$ = $indented; }
     | no_colon %prec ALONE { $$ = (Block){.span = @$}; }
     ;

no_colon: NEWLINE { colon_missing(p, @1); };
indented: INDENT stmts DEDENT { $$ = block_of_stmts(p, &$stmts, @stmts); };

compound: if_arms %prec ALONE
        | if_arms "else" suite { $$ = if_else(p, $1, $suite); }
        | "while" condition suite { $$ = stmt_while(p, @$, $condition, $suite); }
        | loop_head suite { $$ = stmt_for(p, @$, &$loop_head, $suite); }
        | handled %prec ALONE
        | handled "else" suite { try_else(p, @2); $$ = $1; }
        | "try" suite %prec ALONE { $$ = try_alone(p, @1); }
        | "unsafe" suite { $$ = stmt_of_block(p, STMT_UNSAFE, @$, $suite); }
        | "parallel" suite { $$ = stmt_of_block(p, STMT_PARALLEL, @$, $suite); }
        | fn_head block { $$ = stmt_fn(p, @$, $fn_head, $block); }
        | fn_head NEWLINE INDENT { colon_missing(p, @2); } stmts DEDENT
          { $$ = stmt_fn(p, @$, $fn_head, block_of_stmts(p, &$stmts, @stmts)); }
        | fn_head NEWLINE %prec ALONE { $$ = stmt_bodyless(p, $fn_head); }
        | "extern" fn_head NEWLINE { $$ = stmt_extern(p, @$, $fn_head, NULL); }
        | "extern" WORD fn_head NEWLINE { $$ = stmt_extern(p, @$, $fn_head, $WORD); }
        | struct_head suite { $$ = stmt_struct(p, @$, $struct_head, &$suite); }
        | "trait" name generics suite { $$ = stmt_trait(p, @$, $name, $generics, &$suite); }
        | else_alone suite { $$ = stmt_new(p->ids, STMT_ERROR, @1); }
        | elif_alone condition suite { $$ = stmt_new(p->ids, STMT_ERROR, @1); }
        | except_alone except_name suite { $$ = stmt_new(p->ids, STMT_ERROR, @1); }
        ;

handled: "try" suite "except" except_name suite[handler]
         { $$ = stmt_try(p, @$, $2, $except_name, $handler); }
       | handled "except" except_name suite { except_again(p, @2); $$ = $1; }
       ;

else_alone: "else" { branch_alone(p, @1, "else", "if"); };
elif_alone: "elif" { branch_alone(p, @1, "elif", "if"); };
except_alone: "except" { branch_alone(p, @1, "except", "try"); };

if_arms: "if" condition suite { $$ = stmt_if(p, @$, $condition, $suite); }
       | if_arms "elif" condition suite { $$ = if_elif(p, $1, $condition, $suite); }
       ;

except_name: %empty { $$ = NO_IDENT; }
           | name { $$ = except_of(p, $name, NO_IDENT); }
           | name "as" name[bound] { $$ = except_of(p, $1, $bound); }
           ;

/* In a condition, `=` can only mean `==`. */
condition: expr
         | expr "=" expr[rhs] { $$ = compare_for_assign(p, @$, $1, @2, $rhs); }
         ;

loop_head: loop_kind loop_name "in" list { $$ = (LoopHead){$1, $2, $list, {0}, NULL}; }
         | loop_head "reduce" "(" reductions ")" { $$ = loop_reduce(p, $1, &$reductions); }
         | loop_head WORD "(" expr ")" { $$ = $1; $$.grain = $expr; }
         ;
loop_kind: "for" { $$ = (LoopStrength){false, false}; }
         | "simd" "for" { $$ = (LoopStrength){false, true}; }
         | "parallel" "for" { $$ = (LoopStrength){true, false}; }
         | "simd" "parallel" "for" { $$ = (LoopStrength){true, true}; }
         | "parallel" "simd" "for" { $$ = (LoopStrength){true, true}; }
         ;
loop_name: name | name "," names { $$ = loop_names_several(p, $1, @$); };
reductions: reduction { $$ = (ReduceVec){0}; vec_push(p->arena, &$$, $reduction); }
          | reductions "," reduction { $$ = $1; vec_push(p->arena, &$$, $reduction); }
          ;
reduction: reduce_op ":" name { $$ = (ReduceClause){$1.name, @1, $name}; };
reduce_op: name
         | "+" { $$ = ident_of(p, "+", @$); } | "*" { $$ = ident_of(p, "*", @$); }
         | "and" { $$ = ident_of(p, "and", @$); } | "or" { $$ = ident_of(p, "or", @$); }
         ;

/* --- Functions and types --- */

fn_head: "fn" name generics "(" params ")" fn_tail
         { $$ = fn_new(p, FN_STRICT, $name, $generics, $params, &$fn_tail, @$); }
       | "def" name generics "(" params ")" fn_tail
         { $$ = fn_new(p, FN_DEF, $name, $generics, $params, &$fn_tail, @$); }
       ;
fn_tail: %empty { $$ = (FnTail){0}; }
       | "raises" { $$ = (FnTail){.raises = true}; }
       | result
       | result "raises" { $$ = $1; $$.raises = true; }
       | "raises" result { $$ = $2; $$.raises = true; }
       ;
result: "->" type { $$ = (FnTail){.result = $type}; }
      | "->" type WORD name { $$ = (FnTail){.result = $type, .of = $name}; }
      ;

generics: %empty { $$ = (GenericVec){0}; } | "[" generic_list "]" { $$ = $2; };
generic_list: generic { $$ = (GenericVec){0}; vec_push(p->arena, &$$, $generic); }
            | generic_list "," generic { $$ = $1; vec_push(p->arena, &$$, $generic); }
            ;
generic: name annotation { $$ = (GenericParam){$name, $annotation}; };

params: %empty { $$ = (ParamVec){0}; } | param_list | param_list ",";
param_list: param { $$ = (ParamVec){0}; vec_push(p->arena, &$$, $param); }
          | param_list "," param { $$ = $1; vec_push(p->arena, &$$, $param); }
          ;
param: name annotation default { $$ = param_new(p, @$, NULL, $1, NULL, $2, $3); }
     | conventions name annotation default { $$ = param_new(p, @$, &$1, $2, NULL, $3, $4); }
     | name ":" conventions type default { $$ = param_new(p, @$, NULL, $1, &$3, $4, $5); }
     | conventions name ":" conventions[behind] type default
       { $$ = param_new(p, @$, &$1, $2, &$behind, $5, $6); }
     | name[type_name] name[own] default { $$ = param_type_first(p, @$, $type_name, $own, $3); }
     | "*" name annotation { $$ = param_variadic(p, @$, "*", $name); }
     | "**" name annotation { $$ = param_variadic(p, @$, "**", $name); }
     ;
conventions: convention | conventions convention { $$ = conventions_join(p, &$1, &$2); };
convention: "borrowed" { $$ = (Conventions){.convention = CONVENTION_BORROWED, .span = @$}; }
          | "inout" { $$ = (Conventions){.convention = CONVENTION_INOUT, .span = @$}; }
          | "owned" { $$ = (Conventions){.convention = CONVENTION_OWNED, .span = @$}; }
          | WORD { $$ = convention_of_word(p, $WORD); }
          ;

struct_head: "struct" name generics bases { $$ = struct_new(p, $name, $generics, $bases); };
bases: %empty { $$ = (ExprVec){0}; }
     | "(" ")" { $$ = (ExprVec){0}; }
     | "(" items ")" { $$ = $items; }
     | "(" items "," ")" { $$ = $items; }
     ;

type: expr { $$ = type_checked(p, $expr); };

/* --- Expressions --- */

list: items { $$ = expr_of_items(p, @$, &$items, false); }
    | items "," { $$ = expr_of_items(p, @$, &$items, true); }
    ;
items: expr { $$ = (ExprVec){0}; vec_push(p->arena, &$$, $expr); }
     | items "," expr { $$ = $1; vec_push(p->arena, &$$, $expr); }
     ;

expr: simple
    | simple ".." simple[hi] { $$ = expr_range(p, @$, $1, $hi); }
    | simple[then] "if" simple[cond] "else" expr[otherwise]
      { $$ = expr_cond(p, @$, $then, $cond, $otherwise); }
    ;

simple: primary
      | simple "or" simple { $$ = expr_binary(p, @$, BIN_OR, @2, $1, $3); }
      | simple "and" simple { $$ = expr_binary(p, @$, BIN_AND, @2, $1, $3); }
      | "not" simple { $$ = expr_unary(p, @$, UN_NOT, $2); }
      | simple "==" simple { $$ = expr_compare(p, @$, CMP_EQ, @2, $1, $3); }
      | simple "!=" simple { $$ = expr_compare(p, @$, CMP_NE, @2, $1, $3); }
      | simple "<" simple { $$ = expr_compare(p, @$, CMP_LT, @2, $1, $3); }
      | simple "<=" simple { $$ = expr_compare(p, @$, CMP_LE, @2, $1, $3); }
      | simple ">" simple { $$ = expr_compare(p, @$, CMP_GT, @2, $1, $3); }
      | simple ">=" simple { $$ = expr_compare(p, @$, CMP_GE, @2, $1, $3); }
      | simple "|" simple { $$ = expr_binary(p, @$, BIN_BIT_OR, @2, $1, $3); }
      | simple "^" simple { $$ = expr_binary(p, @$, BIN_BIT_XOR, @2, $1, $3); }
      | simple "&" simple { $$ = expr_binary(p, @$, BIN_BIT_AND, @2, $1, $3); }
      | simple "<<" simple { $$ = expr_binary(p, @$, BIN_SHL, @2, $1, $3); }
      | simple ">>" simple { $$ = expr_binary(p, @$, BIN_SHR, @2, $1, $3); }
      | simple "+" simple { $$ = expr_binary(p, @$, BIN_ADD, @2, $1, $3); }
      | simple "-" simple { $$ = expr_binary(p, @$, BIN_SUB, @2, $1, $3); }
      | simple "*" simple { $$ = expr_binary(p, @$, BIN_MUL, @2, $1, $3); }
      | simple "/" simple { $$ = expr_binary(p, @$, BIN_DIV, @2, $1, $3); }
      | simple "//" simple { $$ = expr_binary(p, @$, BIN_FLOORDIV, @2, $1, $3); }
      | simple "%" simple { $$ = expr_binary(p, @$, BIN_MOD, @2, $1, $3); }
      | simple "@" simple { $$ = expr_binary(p, @$, BIN_MATMUL, @2, $1, $3); }
      | simple "**" simple { $$ = expr_binary(p, @$, BIN_POW, @2, $1, $3); }
      | "-" simple %prec PREFIX { $$ = expr_unary(p, @$, UN_NEG, $2); }
      | "+" simple %prec PREFIX { $$ = expr_unary(p, @$, UN_POS, $2); }
      | "~" simple %prec PREFIX { $$ = expr_unary(p, @$, UN_BIT_NOT, $2); }
      | SPAWN primary { $$ = expr_wrap(p, EXPR_SPAWN, @$, $primary); }
      ;

primary: atom
       | primary "." name { $$ = expr_member(p, @$, $1, $name); }
       | primary "(" args ")" { $$ = expr_call(p, @$, $1, &$args); }
       | primary "[" subscripts "]" { $$ = expr_index(p, @$, $1, &$subscripts); }
       | primary "[" subscripts "," "]" { $$ = expr_index(p, @$, $1, &$subscripts); }
       | primary TRANSFER { $$ = expr_wrap(p, EXPR_TRANSFER, @$, $1); }
       ;

atom: NAME { $$ = expr_name(p, $NAME); }
    | INT { $$ = expr_int(p, $INT); }
    | FLOAT { $$ = expr_float(p, $FLOAT); }
    | TRUE { $$ = expr_bool(p, @$, true); }
    | FALSE { $$ = expr_bool(p, @$, false); }
    | strings { $$ = expr_string(p, @$, &$strings); }
    | "?" { $$ = expr_new(p->ids, EXPR_UNKNOWN, @$); }
    | ERROR { $$ = expr_new(p->ids, EXPR_ERROR, @$); }
    | "(" ")" { $$ = expr_of_vec(p, EXPR_TUPLE, @$, &(ExprVec){0}); }
    | "(" expr ")" { $$ = expr_wrap(p, EXPR_PAREN, @$, $expr); }
    | "(" expr "," ")" { $$ = expr_tuple(p, @$, $expr, &(ExprVec){0}); }
    | "(" expr "," items ")" { $$ = expr_tuple(p, @$, $expr, &$items); }
    | "(" expr "," items "," ")" { $$ = expr_tuple(p, @$, $expr, &$items); }
    | "(" expr clauses ")" { $$ = comprehension(p, @$); }
    | "[" "]" { $$ = expr_of_vec(p, EXPR_LIST, @$, &(ExprVec){0}); }
    | "[" items "]" { $$ = expr_of_vec(p, EXPR_LIST, @$, &$items); }
    | "[" items "," "]" { $$ = expr_of_vec(p, EXPR_LIST, @$, &$items); }
    | "[" expr clauses "]" { $$ = comprehension(p, @$); }
    ;

strings: STRING { $$ = (TokenVec){0}; vec_push(p->arena, &$$, *$1); }
       | BYTES { $$ = (TokenVec){0}; vec_push(p->arena, &$$, *$1); }
       | strings STRING { $$ = $1; vec_push(p->arena, &$$, *$2); }
       | strings BYTES { $$ = $1; vec_push(p->arena, &$$, *$2); }
       ;

args: %empty { $$ = (ArgVec){0}; }
    | arg_list
    | arg_list ","
    | expr clauses { $$ = args_generator(p, @$, $expr, &$clauses); }
    ;
arg_list: arg { $$ = (ArgVec){0}; vec_push(p->arena, &$$, $arg); }
        | arg_list "," arg { $$ = $1; vec_push(p->arena, &$$, $arg); }
        ;
arg: expr { $$ = (Arg){NO_IDENT, $expr}; }
   | name "=" expr { $$ = (Arg){$name, $expr}; }
   ;

subscripts: subscript { $$ = (ArgVec){0}; vec_push(p->arena, &$$, $subscript); }
          | subscripts "," subscript { $$ = $1; vec_push(p->arena, &$$, $subscript); }
          ;
subscript: arg
         | maybe_expr[lo] ":" maybe_expr[hi] { $$ = (Arg){NO_IDENT, expr_slice(p, @$, $lo, $hi, NULL)}; }
         | maybe_expr[lo] ":" maybe_expr[hi] ":" maybe_expr[step]
           { $$ = (Arg){NO_IDENT, expr_slice(p, @$, $lo, $hi, $step)}; }
         ;
maybe_expr: %empty { $$ = NULL; } | expr;

clauses: clause { $$ = (GeneratorClauseVec){0}; vec_push(p->arena, &$$, $clause); }
       | clauses clause { $$ = $1; vec_push(p->arena, &$$, $clause); }
       ;
clause: "for" loop_name "in" iterable { $$ = (GeneratorClause){$2, $iterable, {0}}; }
      | clause "if" simple { $$ = $1; vec_push(p->arena, &$$.conditions, $simple); }
      ;
iterable: simple | simple ".." simple[hi] { $$ = expr_range(p, @$, $1, $hi); };

names: name { $$ = (IdentVec){0}; vec_push(p->arena, &$$, $name); }
     | names "," name { $$ = $1; vec_push(p->arena, &$$, $name); }
     ;
name: NAME { $$ = (Ident){$NAME->name, @$}; };

%%

/* Token kinds in the grammar's numbers. */
static const int token_numbers[TOK_COUNT] = {
#define TOKEN(kind, spelling) [TOK_##kind] = T_##kind,
#define KEYWORD(kind, spelling) [TOK_##kind] = T_##kind,
#define PUNCT(kind, spelling) [TOK_##kind] = T_##kind,
#define FOREIGN(kind, spelling) [TOK_##kind] = T_ERROR,
#include "lexer/tokens.def"
};

static int yylex(YYSTYPE *value, YYLTYPE *place, Parser *p) {
    const Token *token = parser_next(p);
    if (token == NULL) return T_YYEOF;
    value->token = token;
    *place = token->span;
    return token->kind == TOK_NAME && parser_is_word(p) ? T_WORD : token_numbers[token->kind];
}

/* Bison calls this only when its stack is full. */
static void yyerror(const YYLTYPE *place, Parser *p, const char *message) {
    (void)message;
    nesting_too_deep(p, *place);
}

/* Which of the tokens that messages speak of could stand here. */
static int yyreport_syntax_error(const yypcontext_t *context, Parser *p) {
    yysymbol_kind_t kinds[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    Expected expected = {0};
    for (int i = 0; i < count; i++) {
        switch ((int)kinds[i]) {
        case YYSYMBOL_NAME: expected.name = true; break;
        case YYSYMBOL_INT: expected.operand = true; break;
        case YYSYMBOL_COLON: expected.colon = true; break;
        case YYSYMBOL_COMMA: expected.comma = true; break;
        case YYSYMBOL_LPAREN: expected.paren = true; break;
        case YYSYMBOL_RPAREN: case YYSYMBOL_RBRACKET: expected.closer = true; break;
        case YYSYMBOL_ASSIGN: expected.assign = true; break;
        case YYSYMBOL_NEWLINE: expected.newline = true; break;
        case YYSYMBOL_IN: expected.in = true; break;
        case YYSYMBOL_FOR: expected.loop = true; break;
        case YYSYMBOL_FN: expected.statement = true; break;
        case YYSYMBOL_ELSE: expected.otherwise = true; break;
        case YYSYMBOL_DEDENT: case YYSYMBOL_END: expected.block_end = true; break;
        default: break;
        }
    }
    syntax_error(p, &expected);
    return 0;
}
