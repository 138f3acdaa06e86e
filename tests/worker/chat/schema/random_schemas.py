"""Random schemas from a seed, of the keywords that grammars can say: for combinations that no suite thinks of."""

import random

NAMES = ["a", "b", "ab", "name", "x1", "é", "a\"b"]
PATTERNS = ["^a", "b$", "^[a-z]+$", "^x\\d?$", "a|b", "^.{1,3}$", "[^a]", "^(?:ab)*$"]
FORMATS = ["date", "date-time", "ipv4", "email", "uuid", "int32"]
VALUES = [None, True, False, 0, 1, -3, 2.5, "", "a", "ab", "x1", [], [1], {}, {"a": 1}]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def some(self, choices, most):
        return self.random.sample(choices, self.random.randint(1, most))

    def schema(self, depth):
        if depth <= 0 or self.chance(0.08):
            return self.random.choice([True, {}, {"type": self.random.choice(TYPES)}, {"const": self.random.choice(VALUES)}, False])
        schema = {}
        if self.chance(0.75):
            schema["type"] = self.random.choice(TYPES) if self.chance(0.7) else self.some(TYPES, 3)
        for add in self.some([self.number, self.string, self.array, self.object, self.object, self.values, self.combination], 3):
            add(schema, depth - 1)
        return schema

    def number(self, schema, _):
        bounds = sorted(self.random.choice([-10, -1.5, -1, 0, 0.25, 1, 3, 99.9, 1000]) for _ in range(2))
        if self.chance(0.6):
            schema[self.random.choice(["minimum", "exclusiveMinimum"])] = bounds[0]
        if self.chance(0.6):
            schema[self.random.choice(["maximum", "exclusiveMaximum"])] = bounds[1]
        if self.chance(0.2):
            schema["multipleOf"] = self.random.choice([1, 2, 7, 10])

    def string(self, schema, _):
        if self.chance(0.4):
            schema["minLength"] = self.random.randint(0, 3)
        if self.chance(0.4):
            schema["maxLength"] = self.random.randint(1, 6)
        if self.chance(0.4):
            schema["pattern"] = self.random.choice(PATTERNS)
        if self.chance(0.15):
            schema["format"] = self.random.choice(FORMATS)

    def array(self, schema, depth):
        if self.chance(0.7):
            schema["items"] = self.schema(depth)
        if self.chance(0.3):
            schema["prefixItems"] = [self.schema(depth) for _ in range(self.random.randint(1, 2))]
        if self.chance(0.4):
            schema["minItems"] = self.random.randint(0, 3)
        if self.chance(0.4):
            schema["maxItems"] = self.random.randint(0, 4)

    def object(self, schema, depth):
        if self.chance(0.8):
            schema["properties"] = {name: self.schema(depth) for name in self.some(NAMES, 4)}
        if self.chance(0.5):
            schema["required"] = self.some(NAMES, 2)
        if self.chance(0.3):
            schema["additionalProperties"] = self.schema(depth)
        if self.chance(0.2):
            schema["patternProperties"] = {pattern: self.schema(depth) for pattern in self.some(PATTERNS, 2)}
        if self.chance(0.15):
            schema["propertyNames"] = self.random.choice([{"pattern": self.random.choice(PATTERNS)}, {"maxLength": 2}, {"enum": ["a", "name", "q"]}])
        if self.chance(0.15):
            schema["dependentRequired"] = {self.random.choice(NAMES): self.some(NAMES, 2)}
        if self.chance(0.1):
            schema["dependentSchemas"] = {self.random.choice(NAMES): self.schema(depth)}
        if self.chance(0.2):
            schema["minProperties"] = self.random.randint(0, 2)
        if self.chance(0.2):
            schema["maxProperties"] = self.random.randint(1, 3)

    def values(self, schema, _):
        if self.chance(0.3):
            schema["enum"] = self.some(VALUES, 8)

    def combination(self, schema, depth):
        keyword = self.random.choice(["anyOf", "allOf", "oneOf", "not", "$ref"])
        if keyword == "$ref":
            schema["$ref"] = self.random.choice(["#", "#/$defs/x", "#/$defs/y"])
        elif keyword == "not":
            schema["not"] = self.random.choice([{"type": self.random.choice(TYPES)}, {"required": [self.random.choice(NAMES)]}])
        else:
            schema[keyword] = [self.schema(depth) for _ in range(self.random.randint(1, 3))]


def random_schema(seed):
    maker = Maker(seed)
    schema = maker.schema(3)
    if isinstance(schema, dict):
        schema["$defs"] = {"x": maker.schema(2), "y": maker.schema(1)}
    return schema
