#include "tests/worker/chat/golden.hpp"

namespace worker::chat {

using common::Json;

namespace {

Json tool(const char* name, Json properties) {
  return Json{{"type", "function"},
              {"function",
               {{"name", name}, {"description", "Does it."}, {"parameters", {{"type", "object"}, {"properties", std::move(properties)}}}}}};
}

constexpr ParserCounts kRepaired{.repaired = 1};
constexpr ParserCounts kMalformed{.malformed = 1};

}  // namespace

Json golden_tools() {
  Json text{{"type", "string"}}, number{{"type", "number"}};
  return Json::array(
      {tool("get_weather", Json{{"city", text}, {"days", {{"type", "integer"}}}, {"metric", {{"type", "boolean"}}}}),
       tool("add", Json{{"a", number}, {"b", number}}),
       tool("write_file", Json{{"path", text}, {"content", text}, {"tags", {{"type", "array"}}}, {"mode", {{"type", {"string", "null"}}}}}),
       tool("now", Json::object())});
}

const std::vector<Golden>& goldens() {
  using enum Family;
  static const std::vector<Golden> all{
      // Hermes
      {hermes,
       "<think>\nI need it.\n</think>\n\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\", \"days\": "
       "2}}\n</tool_call>",
       "think[I need it.]\ncall get_weather {\"city\":\"Paris\",\"days\":2}"},
      {hermes,
       "Both.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"arguments\": {\"a\": 1.5, \"b\": -2e3}, "
       "\"name\": \"add\"}\n</tool_call>",
       "say[Both.]\ncall now {}\ncall add {\"a\":1.5,\"b\":-2e3}"},
      {hermes,
       "<tool_call>{\"name\": \"write_file\", \"arguments\": {\"content\": \"a </tool_call> \\\"q\\\" \\u00e9 \\ud83d\\ude00 "
       "{\"}}</tool_call> done",
       "call write_file {\"content\":\"a </tool_call> \\\"q\\\" \\u00e9 \\ud83d\\ude00 {\"}\nsay[done]"},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [2, {\"c\": null}]</tool_call>",
       "call add {\"a\":1,\"b\":[2,{\"c\":null}]}", kRepaired},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1,}}", "call add {\"a\":1}", kRepaired},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}}\n</tool_call>ok", "call add {\"a\":1}\nsay[ok]", kRepaired},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "call add {\"a\":1}", kRepaired},
      {hermes, "<tool_call>{'name': 'add', 'arguments': {'a': True}}</tool_call>", "call add {\"a\":true}", kRepaired},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1</tool_call>\n<tool_call>{\"name\": \"now\"}</tool_call>",
       "call add {\"a\":1}\ncall now {}", kRepaired},
      {hermes, "<tool_call>{\"name\": \"write_file\", \"arguments\": {\"content\": \"half a sent",
       "call write_file {\"content\":\"half a sent\"}\nspoiled[{\"name\": \"write_file\", \"arguments\": {\"content\": \"half a sent]",
       kMalformed},
      {hermes, "<tool_call>{\"nam\": \"add\"}</tool_call> so", "bad[{\"nam\": \"add\"}]\nsay[so]", kMalformed},
      {hermes, "<tool_call>{\"name\": \"add\", \"arguments\": [1]}</tool_call>", "bad[{\"name\": \"add\", \"arguments\": [1]}]",
       kMalformed},
      {hermes, "The <tool_call> tag opens a call.", "say[The]\nbad[]\nsay[tag opens a call.]", kMalformed},
      {hermes, "```json\n{\"a\": 1}\n``` and 1 < 2 </ x", "say[```json\n{\"a\": 1}\n``` and 1 < 2 </ x]"},
      // Qwen3-Coder
      {qwen_coder,
       "Let me look.\n<tool_call>\n<function=get_weather>\n<parameter=city>\nNew "
       "York\n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=metric>\nTrue\n</parameter>\n</function>\n</tool_call>",
       "say[Let me look.]\ncall get_weather {\"city\":\"New York\",\"days\":3,\"metric\":true}"},
      {qwen_coder,
       "<tool_call>\n<function=write_file>\n<parameter=path>\n42\n</parameter>\n<parameter=content>\nif a < b:\n  \"x\"</parameter>\n  "
       "<p>\n</parameter>\n<parameter=tags>\n[\"a\", "
       "1]\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=now>\n</function>\n</tool_call>",
       "call write_file {\"path\":\"42\",\"content\":\"if a < b:\\n  \\\"x\\\"</parameter>\\n  <p>\",\"tags\":[\"a\",1]}\ncall now {}"},
      {qwen_coder, "<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n2\n</parameter>\n</function>\n</tool_call>",
       "call add {\"a\":1,\"b\":2}"},
      {qwen_coder, "<tool_call>\n<function=add>\n<parameter=a>\n1\n<parameter=b>\n2\n</parameter>\n</function>\n</tool_call>",
       "call add {\"a\":1,\"b\":2}", kRepaired},
      {qwen_coder, "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n", "call add {\"a\":1}", kRepaired},
      {qwen_coder, "<tool_call>\n<function=write_file>\n<parameter=content>\nhalf",
       "call write_file {}\nspoiled[\nwrite_file>\ncontent>\nhalf]", kMalformed},
      {qwen_coder, "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>", "call add {\"a\":1}"},
      {qwen_coder,
       "<tool_call>\n<function=write_file>\n<parameter=mode>\nnull\n</parameter>\n<parameter=content>\nnull\n</parameter>\n</function>\n</"
       "tool_call>",
       "call write_file {\"mode\":null,\"content\":\"null\"}"},
      // Llama
      {llama, "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Oslo\"}}", "call get_weather {\"city\":\"Oslo\"}"},
      {llama, "{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": \"1\"}}; {\"name\": \"now\", \"parameters\": {}}",
       "call add {\"a\":\"1\"}\ncall now {}"},
      {llama, "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1}}<|eom_id|>", "call add {\"a\":1}"},
      {llama, "<|python_tag|>get_weather.call(city=\"Rome\", days=2)", "call get_weather {\"city\":\"Rome\",\"days\":2}"},
      {llama, "[get_weather(city='A b', metric=False), now()]", "call get_weather {\"city\":\"A b\",\"metric\":false}\ncall now {}"},
      {llama, "{\"name\": \"Alice\", \"age\": 3}", "say[{\"name\": \"Alice\", \"age\": 3}]"},
      {llama, "{\"a\": {\"name\": \"add\"}} is JSON", "say[{\"a\": {\"name\": \"add\"}} is JSON]"},
      {llama, "[link](http://x) and [1, 2]", "say[[link](http://x) and [1, 2]]"},
      {llama, "{\"name\": \"add\", \"parameters\": {\"a\": 1", "call add {\"a\":1}\nspoiled[{\"name\": \"add\", \"parameters\": {\"a\": 1]",
       kMalformed},
      {llama, "{\"name\": \"add\", \"parameters\": {\"a\": true", "call add {\"a\":true}", kRepaired},
      // Mistral
      {mistral,
       "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}, \"id\": \"abcdefghi\"}, {\"name\": \"now\", \"arguments\": {}}]",
       "call add {\"a\":1}\ncall now {}"},
      {mistral, "Sure. [TOOL_CALLS] [{\"id\": \"123456789\", \"name\": \"add\", \"arguments\": {\"a\": 1}}",
       "say[Sure.]\ncall add#123456789 {\"a\":1}", kRepaired},
      {mistral_named, "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Nice\"}[TOOL_CALLS]now[ARGS]{}",
       "call get_weather {\"city\":\"Nice\"}\ncall now {}"},
      {mistral_named, "[TOOL_CALLS]add[CALL_ID]abc123XYZ[ARGS]{\"a\": 1", "call add#abc123XYZ {\"a\":1}\nspoiled[addabc123XYZ{\"a\": 1]",
       kMalformed},
      {mistral_named, "[TOOL_CALLS]add[ARGS]{\"a\": 1}}", "call add {\"a\":1}", kRepaired},
      {mistral_named, "[THINK]Hm [1].[/THINK]Fine [x].", "think[Hm [1].]\nsay[Fine [x].]"},
      {mistral_named, "[THINK]So[TOOL_CALLS]now[ARGS]{}", "think[So]\ncall now {}"},
      // DeepSeek
      {deepseek,
       "<think>\nok\n</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": "
       "\"Köln\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜><"
       "｜tool▁calls▁end｜>",
       "think[ok]\ncall get_weather {\"city\":\"Köln\"}\ncall now {}"},
      {deepseek_v31,
       "Wait.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1, \"b\": "
       "2}<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
       "say[Wait.]\ncall add {\"a\":1,\"b\":2}\ncall now {}"},
      {deepseek_v31, "hm</think>It is 5.", "think[hm]\nsay[It is 5.]", {}, true},
      {deepseek_v31, "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
       "call add {\"a\":1}", kRepaired},
      {deepseek_v31, "<｜tool▁calls▁begin｜>nothing<｜tool▁calls▁end｜> x", "bad[nothing]\nsay[x]", kMalformed},
      // Kimi
      {kimi,
       "<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{\"a\": "
       "1}<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>",
       "call add#functions.add:0 {\"a\":1}\ncall now#functions.now:1 {}"},
      // Harmony
      {harmony,
       "<|channel|>analysis<|message|>User asks.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather "
       "<|constrain|>json<|message|>{\"city\": \"Bonn\"}<|call|>",
       "think[User asks.]\ncall get_weather {\"city\":\"Bonn\"}"},
      {harmony, "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Hi <b>.<|return|>",
       "think[a]\nsay[Hi <b>.]"},
      {harmony,
       "<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant to=functions.add<|channel|>commentary "
       "json<|message|>{\"a\":1}<|call|><|start|>assistant<|channel|>commentary to=functions.now <|constrain|>json<|message|>{}<|call|>",
       "say[I will look.]\ncall add {\"a\":1}\ncall now {}"},
      {harmony, " to=functions.add<|channel|>commentary <|constrain|>json<|message|>{\"a\": [1, 2<|call|>", "call add {\"a\":[1,2]}",
       kRepaired},
      {harmony,
       "<|channel|>commentary to=functions.add <|constrain|>json<|message|>a = 1<|call|><|start|>assistant<|channel|>final<|message|>x",
       "bad[commentary to=functions.add jsona = 1]\nsay[x]", kMalformed},
      {harmony, "Just text.", "say[Just text.]"},
      {harmony, "thinking<|end|><|start|>assistant<|channel|>final<|message|>done", "think[thinking]\nsay[done]", {}, true},
      // Gemma
      {gemma, "```tool_code\nget_weather(city=\"Bern\")\n```", "call get_weather {\"city\":\"Bern\"}"},
      {gemma, "```json\n{\"name\": \"add\", \"parameters\": {\"a\": 1}}\n```", "call add {\"a\":1}"},
      {gemma, "{\"name\": \"now\", \"parameters\": {}}", "call now {}"},
      {gemma, "Like so:\n```json\n{\"city\": 1}\n```\nok", "say[Like so:\n```json\n{\"city\": 1}\n```\nok]"},
      {function_gemma, "<start_function_call>call:get_weather{city:<escape>Paris, {TX}<escape>,days:2,metric:true}<end_function_call>",
       "call get_weather {\"city\":\"Paris, {TX}\",\"days\":2,\"metric\":true}"},
      {gemma4,
       "<|channel>thought\nHm.<channel|><|tool_call>call:write_file{path:<|\"|>a\\b<|\"|>,tags:[<|\"|>x\"y<|\"|>,{k:1}]}<tool_call|><|tool_"
       "call>call:now{}<tool_call|>",
       "think[Hm.]\ncall write_file {\"path\":\"a\\\\b\",\"tags\":[\"x\\\"y\",{\"k\":1}]}\ncall now {}"},
      // GLM
      {glm,
       "<think>t</think>\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Los "
       "Angeles</arg_value>\n<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>\n<tool_call>now\n</tool_call>",
       "think[t]\ncall get_weather {\"city\":\"Los Angeles\",\"days\":2}\ncall now {}"},
      {glm, "<tool_call>add<arg_key>a</arg_key><arg_value>1</arg_value></tool_call>", "call add {\"a\":1}"},
      {glm, "<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n", "call add {\"a\":1}", kRepaired},
      {glm, "<tool_call> is a tag and it opens a call</tool_call>", "bad[]\nsay[is a tag and it opens a call]", kMalformed},
      // Granite, Phi, Command R, Nemotron, LFM2
      {granite, "<|tool_call|>[{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"now\", \"arguments\": {}}]",
       "call add {\"a\":1}\ncall now {}"},
      {granite, "<think>a</think><response>Yes.</response>", "think[a]\nsay[Yes.]"},
      {granite, "Here is my thought process:\nhm\nHere is my response: Yes.", "think[hm]\nsay[Yes.]"},
      {phi4, "<|tool_call|>[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]<|/tool_call|>", "call add {\"a\":1}"},
      {phi4, "functools[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]", "call add {\"a\":1}"},
      {phi4, "functools is a module of Python", "say[functools is a module of Python]"},
      {command_r,
       "<|START_THINKING|>I plan.<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"add\", \"parameters\": "
       "{\"a\": 1}}\n]<|END_ACTION|>",
       "think[I plan.]\ncall add {\"a\":1}"},
      {command_r, "<|START_RESPONSE|>Hello.<|END_RESPONSE|>", "say[Hello.]"},
      {nemotron, "<TOOLCALL>[{\"name\": \"now\", \"arguments\": {}}]</TOOLCALL>", "call now {}"},
      {lfm2, "<|tool_call_start|>[add(a=1, b=2.5), now()]<|tool_call_end|>Wait.", "call add {\"a\":1,\"b\":2.5}\ncall now {}\nsay[Wait.]"},
      // Seed, MiniMax
      {seed, "<seed:think>hm</seed:think>\n<seed:tool_call>\n<function=add>\n<parameter=a>1</parameter>\n</function>\n</seed:tool_call>",
       "think[hm]\ncall add {\"a\":1}"},
      {minimax,
       "<minimax:tool_call>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Lima</parameter>\n<parameter "
       "name=\"days\">4</parameter>\n</invoke>\n<invoke name=\"now\">\n</invoke>\n</minimax:tool_call>",
       "call get_weather {\"city\":\"Lima\",\"days\":4}\ncall now {}"},
      // Without a family
      {generic, "{\"name\": \"add\", \"arguments\": {\"a\": 1}}", "call add {\"a\":1}"},
      {generic, "{\"tool_calls\": [{\"type\": \"function\", \"function\": {\"name\": \"add\", \"arguments\": \"{}\"}}]}", "call add {}",
       kRepaired},
      {generic, "<tool_call>{\"function\": {\"name\": \"now\"}}</tool_call>", "call now {}"},
      {generic, "```json\n{\"name\": \"now\", \"arguments\": {}}\n```", "call now {}"},
      {generic, "It says {\"name\": \"add\"}.", "say[It says {\"name\": \"add\"}.]"},
      {generic, "<think>a</think>b</think>c\n<think>d</think>e", "think[a]\nsay[bc]\nthink[\nd]\nsay[\n\ne]"},
  };
  return all;
}

}  // namespace worker::chat
