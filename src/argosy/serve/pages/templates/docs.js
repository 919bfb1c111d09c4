document.getElementById("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const lines = document.getElementById("input").value.split("\n").filter((line) => line.trim());
  const answer = document.getElementById("answer");
  answer.hidden = false;
  try {
    const response = await fetch("v1/classify", {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": navigator.language },
      body: JSON.stringify({ input: lines }),
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
});
