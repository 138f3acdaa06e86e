#include "worker/serve/prepare.hpp"

#include <algorithm>
#include <format>
#include <iterator>

#include "worker/serve/constraint.hpp"

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Result;
using engine::Token;

namespace {

// A template writes the beginning-of-text token itself; the tokenizer must not put a second one before it.
std::string_view without_beginning(const engine::Vocabulary& words, std::string_view text) {
  std::string beginning = words.beginning_text();
  if (words.adds_beginning() && !beginning.empty() && text.starts_with(beginning)) text.remove_prefix(beginning.size());
  return text;
}

// What is before, between and after the images. Fails unless each was printed once and in order.
Result<std::vector<std::string>> between_images(std::string_view text, const std::vector<SentImage>& images) {
  std::vector<std::string> parts;
  for (const SentImage& image : images) {
    const auto at = text.find(image.marker);
    if (at == std::string_view::npos) {
      return common::fail(
          Error(ErrorKind::bad_request, image.path + ": the model's chat template leaves this image out or changes its place")
              .in(image.path));
    }
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + image.marker.size());
  }
  parts.emplace_back(text);
  for (const std::string& part : parts) {
    for (const SentImage& image : images) {
      if (part.contains(image.marker))
        return common::fail(Error(ErrorKind::bad_request, image.path + ": the model's chat template repeats this image").in(image.path));
    }
  }
  return parts;
}

// With or without their pixels. `read` is one of decode_image and image_size.
Result<std::vector<engine::Image>> images_of(const std::vector<SentImage>& sent, Result<engine::Image> (*read)(std::string_view)) {
  std::vector<engine::Image> images;
  std::uint64_t pixels = 0;
  for (const SentImage& one : sent) {
    auto image = read(one.file);
    if (!image) return common::fail(Error(image.error().kind(), one.path + " " + image.error().message()).in(one.path));
    pixels += image->pixels();
    if (pixels > engine::kMaxPixels) {
      return common::fail(Error(ErrorKind::bad_request, std::format("{}: with this image the request shows {} pixels, and {} is the most",
                                                                    one.path, pixels, engine::kMaxPixels))
                              .in(one.path));
    }
    images.push_back(std::move(*image));
  }
  return images;
}

}  // namespace

std::vector<Token> tokenize_prompt(const engine::Vocabulary& words, std::string_view text) {
  return words.tokenize(without_beginning(words, text), true, true);
}

Result<engine::Prompt> read_printed(const Served& served, const ChatRequest& request, const std::string& text, Reading reading) {
  const engine::Vocabulary& words = served.model->vocabulary();
  if (request.images.empty()) return engine::Prompt{.tokens = tokenize_prompt(words, text), .pictures = {}};
  if (!served.projector) {
    const char* why = served.facts.purpose == Purpose::counting ? " was loaded for counting, without the projector that sees images"
                                                                : " reads text only: it was loaded without a projector";
    return common::fail(Error(ErrorKind::bad_request, served.facts.model + why).in(request.images.front().path));
  }
  auto texts = between_images(without_beginning(words, text), request.images);
  if (!texts) return common::fail(texts.error());
  // What the sizes alone tell comes first: it is cheap, and most of what is wrong with an image shows by it.
  auto sizes = images_of(request.images, engine::image_size);
  if (!sizes) return common::fail(sizes.error());
  auto prompt = served.projector->read(*texts, std::move(*sizes));
  const bool too_long = prompt && prompt->tokens.size() >= served.facts.context_tokens;
  if (prompt && !too_long && reading == Reading::to_evaluate) {
    auto images = images_of(request.images, engine::decode_image);
    if (!images) return common::fail(images.error());
    prompt = served.projector->read(*texts, std::move(*images));
  }
  if (!prompt) return common::fail(Error(prompt.error().kind(), prompt.error().message()).in("messages"));
  // The first token of an answer is drawn from what the last token of the prompt made of it.
  if (prompt->tokens.empty() || engine::picture_at(prompt->pictures, prompt->tokens.size() - 1)) {
    const std::string& last = request.images.back().path;
    return common::fail(Error(ErrorKind::bad_request, last + ": the prompt ends with this image, and some text must follow it").in(last));
  }
  return prompt;
}

Result<void> check_id(const std::optional<std::string>& asked, const Served& served) {
  if (!asked || *asked == served.facts.model) return {};
  return common::fail(
      Error(ErrorKind::model_not_loaded, std::format("this worker serves {}, not {}", served.facts.model, *asked)).in("model"));
}

Result<chat::Prompt> render(const Served& served, chat::Conversation conversation) {
  if (!served.chat_template) return common::fail(ErrorKind::internal, served.chat_template.error().message());
  return served.chat_template->render(std::move(conversation));
}

namespace {

Result<void> check_model(const std::optional<std::string>& asked, const Served& served) {
  if (served.facts.purpose != Purpose::generation)
    return common::fail(
        Error(ErrorKind::bad_request, served.facts.model + " " + what_it_does(served.facts.purpose) + " and generates no text")
            .in("model"));
  return check_id(asked, served);
}

Result<std::vector<Token>> tokens_of(const CompletionRequest& request, const engine::Vocabulary& words) {
  if (auto* text = std::get_if<std::string>(&request.prompt)) return tokenize_prompt(words, *text);
  const auto& tokens = std::get<std::vector<Token>>(request.prompt);
  for (Token token : tokens) {
    if (token >= words.size()) {
      return common::fail(
          Error(ErrorKind::bad_request, std::format("prompt holds the token {}, but the vocabulary ends at {}", token, words.size() - 1))
              .in("prompt"));
    }
  }
  return tokens;
}

Result<std::vector<engine::LogitBias>> resolve(const std::vector<BiasWish>& wishes, const engine::Vocabulary& words) {
  std::vector<engine::LogitBias> biases;
  for (const BiasWish& wish : wishes) {
    if (auto* text = std::get_if<std::string>(&wish.what)) {
      for (Token token : words.tokenize(*text, false, true)) biases.push_back({token, wish.bias});
      continue;
    }
    std::int64_t id = std::get<std::int64_t>(wish.what);
    if (id < 0 || id >= words.size()) {
      return common::fail(
          Error(ErrorKind::bad_request, std::format("logit_bias names the token {}, but the vocabulary has 0 to {}", id, words.size() - 1))
              .in("logit_bias"));
    }
    biases.push_back({static_cast<Token>(id), wish.bias});
  }
  return biases;
}

// Each choice has its own state of the grammar and its own random numbers, but the first one's are those of a request for one.
Result<void> add_choices(Prepared& prepared, const GenerationRequest& generation, JobRequest job, const engine::Grammar& grammar,
                         const engine::Vocabulary& words) {
  engine::GrammarGuard guard;
  if (!grammar.text.empty()) {
    auto parsed = engine::GrammarGuard::create(words, grammar);
    if (!parsed) return common::fail(Error(ErrorKind::bad_request, parsed.error().message()).in("grammar"));
    guard = std::move(*parsed);
  }
  for (std::size_t i = 0; i < generation.choices; ++i) {
    JobRequest choice{.prompt = job.prompt,
                      .pictures = job.pictures,
                      .sampling = job.sampling,
                      .grammar = guard.copy(),
                      .thinking = job.thinking,
                      .max_tokens = job.max_tokens,
                      .stop = job.stop,
                      .logprobs = job.logprobs,
                      .prompt_logprobs = job.prompt_logprobs,
                      .cache_prompt = job.cache_prompt};
    if (choice.sampling.seed) *choice.sampling.seed += static_cast<std::uint32_t>(i);
    prepared.jobs.push_back(std::move(choice));
  }
  return {};
}

struct Wanted {
  GenerationRequest generation;
  engine::Prompt prompt;
  engine::Grammar grammar;
  Thinking thinking;
};

Result<Prepared> fit(Prepared prepared, Wanted wanted, const Served& served, const char* field) {
  const engine::Vocabulary& words = served.model->vocabulary();
  std::vector<Token>& prompt = wanted.prompt.tokens;
  if (prompt.empty() && words.beginning() >= 0) prompt.push_back(words.beginning());
  if (prompt.empty()) return common::fail(Error(ErrorKind::bad_request, std::string(field) + " must not be empty").in(field));
  const std::uint64_t context =
      std::min(served.facts.context_tokens, wanted.generation.context_tokens.value_or(served.facts.context_tokens));
  if (prompt.size() + 1 > context) {
    const char* whose = context < served.facts.context_tokens ? "this request may fill" : "the context holds";
    std::string message =
        std::format("the prompt is {} tokens long and needs room for 1 more, but {} {} tokens", prompt.size(), whose, context);
    return common::fail(Error(ErrorKind::context_length_exceeded, message).in(field));
  }
  std::uint64_t left = context - prompt.size();
  GenerationRequest& generation = wanted.generation;
  auto biases = resolve(generation.logit_bias, words);
  if (!biases) return common::fail(biases.error());
  generation.sampling.logit_bias = std::move(*biases);
  prepared.stream = generation.stream;
  prepared.include_usage = generation.include_usage;
  prepared.logprobs = generation.logprobs.has_value();
  wanted.thinking.limit = generation.reasoning_limit;
  JobRequest job{.prompt = std::move(prompt),
                 .pictures = std::move(wanted.prompt.pictures),
                 .sampling = generation.sampling,
                 .thinking = std::move(wanted.thinking),
                 .max_tokens = std::min(generation.max_tokens.value_or(left), left),
                 .stop = std::move(generation.stop),
                 .logprobs = generation.logprobs,
                 .prompt_logprobs = generation.prompt_logprobs,
                 .cache_prompt = generation.cache_prompt};
  auto added = add_choices(prepared, generation, std::move(job), wanted.grammar, words);
  if (!added) return common::fail(added.error());
  return prepared;
}

Thinking thinking_of(const chat::ChatTemplate& chat_template, const chat::FamilyTraits& family, const chat::Prompt& prompt,
                     const engine::Vocabulary& words) {
  auto ending = chat_template.end_of_thought();
  if (!ending || family.thinking.empty()) return {};
  const chat::Thinking& marks = family.thinking.front();
  return {.begin = marks.open, .end = marks.close, .begun = prompt.in_reasoning, .ending = words.tokenize(*ending, false, true)};
}

Result<Prepared> prepare_chat(const Served& served, const common::Json& body) {
  auto request = parse_chat_request(body, served.sampling);
  if (!request) return common::fail(request.error());
  auto right = check_model(request->generation.model, served);
  if (!right) return common::fail(right.error());
  auto prompt = render(served, request->conversation);
  if (!prompt) return common::fail(prompt.error());
  const chat::FamilyTraits& family = chat::traits(served.chat_template->family());
  auto grammar = constraint_of(*request, *served.chat_template, *prompt);
  if (!grammar) return common::fail(grammar.error());
  auto read = read_printed(served, *request, prompt->text, Reading::to_evaluate);
  if (!read) return common::fail(read.error());
  common::Json tools = std::move(request->conversation.tools);
  Prepared prepared{.surface = Surface::chat,
                    .tools = tools.is_array(),
                    .in_reasoning = prompt->in_reasoning,
                    .family = family.family,
                    .tool_definitions = std::move(tools)};
  Wanted wanted{.generation = std::move(request->generation),
                .prompt = std::move(*read),
                .grammar = std::move(*grammar),
                .thinking = thinking_of(*served.chat_template, family, *prompt, served.model->vocabulary())};
  return fit(std::move(prepared), std::move(wanted), served, "messages");
}

Result<Prepared> prepare_completion(const Served& served, const common::Json& body) {
  auto request = parse_completion_request(body, served.sampling);
  if (!request) return common::fail(request.error());
  auto right = check_model(request->generation.model, served);
  if (!right) return common::fail(right.error());
  auto tokens = tokens_of(*request, served.model->vocabulary());
  if (!tokens) return common::fail(tokens.error());
  auto grammar = constraint_of(*request);
  if (!grammar) return common::fail(grammar.error());
  Prepared prepared{.surface = Surface::completions};
  if (request->echo) prepared.echo = served.model->vocabulary().text_of(*tokens);
  Wanted wanted{.generation = std::move(request->generation),
                .prompt = {.tokens = std::move(*tokens), .pictures = {}},
                .grammar = std::move(*grammar)};
  return fit(std::move(prepared), std::move(wanted), served, "prompt");
}

// As llama-server writes it, for editors that were made for it: the other files, the text before the gap, the one after it, and the token
// that asks for what is between. The words are those of models that know repositories (Hui et al. 2024, arXiv:2409.12186).
Result<std::vector<Token>> tokens_of(const InfillRequest& request, const engine::Vocabulary& words) {
  engine::FillTokens fill = words.fill_tokens();
  if (fill.prefix < 0 || fill.suffix < 0 || fill.middle < 0) {
    return common::fail(
        Error(ErrorKind::bad_request, "this model was not made to fill gaps: its vocabulary has no tokens for it").in("model"));
  }
  std::vector<Token> tokens;
  auto add = [&](std::string_view text) { std::ranges::copy(words.tokenize(text, false, false), std::back_inserter(tokens)); };
  auto begin = [&](Token mark, std::string_view name) {
    if (mark < 0) return;
    tokens.push_back(mark);
    add(name);
  };
  begin(fill.repository, "myproject\n");
  for (const InfillRequest::Extra& extra : request.extra) {
    if (fill.file < 0) add("\n\n--- snippet ---\n\n");
    begin(fill.file, extra.filename + "\n");
    add(extra.text);
  }
  begin(fill.file, "filename\n");
  if (words.adds_beginning() && words.beginning() >= 0) tokens.push_back(words.beginning());
  tokens.push_back(fill.prefix);
  add(request.prefix);
  add(request.typed);
  tokens.push_back(fill.suffix);
  add(request.suffix);
  tokens.push_back(fill.middle);
  return tokens;
}

Result<Prepared> prepare_infill(const Served& served, const common::Json& body) {
  auto request = parse_infill_request(body, served.sampling);
  if (!request) return common::fail(request.error());
  auto right = check_model(request->generation.model, served);
  if (!right) return common::fail(right.error());
  auto tokens = tokens_of(*request, served.model->vocabulary());
  if (!tokens) return common::fail(tokens.error());
  Wanted wanted{.generation = std::move(request->generation), .prompt = {.tokens = std::move(*tokens), .pictures = {}}};
  wanted.grammar.text = std::move(wanted.generation.grammar);
  return fit(Prepared{.surface = Surface::infill}, std::move(wanted), served, "input_prefix");
}

// The registry's defaults stand behind the request's fields, its enforced ones before them.
common::Json with_registry_fields(common::Json body, const Served& served) {
  if (!body.is_object()) return body;
  // A null says nothing.
  const auto says = [&body](const std::string& name) {
    const auto given = body.find(name);
    return given != body.end() && !given->is_null();
  };
  for (auto& [name, value] : served.defaults.items()) {
    const bool limits_otherwise = name == "max_tokens" && (says("max_completion_tokens") || says("n_predict"));
    if (!says(name) && !limits_otherwise) body[name] = value;
  }
  for (auto& [name, value] : served.enforced.items()) {
    body[name] = value;
    if (name == "max_tokens") body.erase("max_completion_tokens");
  }
  return body;
}

}  // namespace

Result<Prepared> prepare(Surface surface, const Served& served, const std::string& body) {
  auto json = common::parse_json(body);
  if (!json) return common::fail(json.error());
  common::Json fields = with_registry_fields(std::move(*json), served);
  switch (surface) {
    case Surface::chat: return prepare_chat(served, fields);
    case Surface::completions: return prepare_completion(served, fields);
    case Surface::infill: return prepare_infill(served, fields);
  }
  return common::fail(ErrorKind::internal, "no such surface");
}

}  // namespace worker::serve
