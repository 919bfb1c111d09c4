"""Which questions hang on the one before: cases that we wrote for this test (synthetic), 75 a language and kind."""

import pytest

from argosy.assist.understanding.following import follows, standalone

HANG_EN = """
And how much is it?|How long does it take?|What about the other one?|how much|and for students?
Can I cancel it?|Why is that?|What about weekends?|How about by card?|When will it arrive?|Is there a fee?
Can I change that?|Do they ship abroad too?|Which one is cheaper?|And in euros?|But why?|so when exactly?
Where can I find it?|Is it free?|how do I do that?|Can you explain more?|What documents do I need?
Will they refund me?|Any other options?|How do I cancel?|and on Sundays?|Does it work with Android?|what else?
Is that fee refundable?|Same for business accounts?|How often can I do this?|Then how do I get one?
Are there any limits?|Can I return?|Which is better?|And without a receipt?|Until when?|why not?
What does that mean?|And what if it is damaged?|Could I still return them?|Where do I send it?|the second one
Does that include tax?|for international orders?|And the price?|Does it come with a charger?
how long would that take?|what about returns?|ok, and how do I apply?|Can they deliver it on Saturday?
Is it waterproof?|and if I lose it?|Where do I find that?|How many can I order?|What if I am not at home?
Can it be refunded?|how do I activate it|So what do I do now?|And the black one?|Do you have it in size 42?
can I do it online?|How soon?|Will that affect my credit score?|Is there a minimum amount?
And do I need ID for that?|what's the deadline?|is it cheaper than the other one?|Do I have to pay for it?
who do I contact then?|what are the fees?|could you send it again?|Does that apply to sale items?
when exactly?|and what about Norway?
"""
ALONE_EN = """
How do I open an account?|Where is my order?|I want to return a pair of shoes|Is it possible to change my PIN?
Do you ship to France?|How long does it take to get a refund?|What is your return policy?
Is there a shop in Leeds?|My card was stolen, what should I do?|I ordered a phone and it never came
Can I pay by card?|Does the app support dark mode?|How much is delivery to Spain?
Are there any discounts for students?|What time do you open?|I cannot log in to my account
Why was my payment declined?|Is it safe to use my card abroad?|How do I reset my password?
The parcel arrived but it is broken|Can you send me an invoice?|What happens if I miss the delivery?
Who can see my data?|Which currencies do you support?|I think that my card was cloned
How many users can share one subscription?|Do I need a receipt for a refund?
When do you restock the blue jacket?|My subscription renewed and I did not want that
How can I contact the courier?|Please close my account|What is the exchange rate?
Is the warranty valid abroad?|There is a charge I do not recognise|How do I add a second user?
Why is my balance wrong?|I was charged twice for one order|Where do I enter the discount code?
Can I use two coupons?|Do you have gift cards?|Are you open on Sundays?|I need to change the delivery address
If I cancel my order, do I get the money back?|How old must I be?|Has my refund been processed?
What are your opening hours?|My app keeps crashing|How do I update my email address?
Can I get a refund for a late train?|Where is the nearest branch?|I never received my confirmation email
How long is the guarantee on laptops?|Is my deposit protected?|Do you accept American Express?
I was promised a callback and nobody called|Can you tell me the status of order 5512?
How much does express shipping cost?|The screen is cracked, is this covered by warranty?
What is the maximum I can withdraw per day?|I'd like to upgrade my plan|Why is the website so slow today?
Do I need a passport to open an account?|Is it true that you are closing the Leeds shop?
Could you remove my phone number from your list?|Someone used my card without permission
How do I track my parcel?|I entered the wrong address when ordering|What payment methods do you accept?
My discount code does not work|Can I collect my order in store?|Are your bags made of real leather?
I want a new card because my old one expired|How do I get to your office?|When does the sale end?
It says my card was declined, why?
"""
HANG_ZH = """
那多少钱？|要多久？|那白色的呢？|怎么操作？|它能防水吗？|这个多少钱？|为什么？|多久能到？|那个怎么用？
另一个呢？|可以吗？|要收费吗？|在哪里？|什么时候？|需要什么材料？|贵吗？|那我怎么取消？|还有别的吗？
如果超过七天呢？|周末呢？|学生呢？|怎么申请？|免费吗？|这种安全吗？|第二个呢？|那什么时候到账？|哪个更便宜？
它们有什么区别？|怎么办理？|怎么取消？|几天？|大概要多久？|那还能退吗？|其中包括运费吗？|最晚什么时候？
谁来处理？|这样可以吗？|有什么要求？|那怎么办？|前者多少钱？|国外呢？|可以取消吗？|然后呢？|那要多少钱呢？
刚才说的那个怎么弄？|那运费呢？|有保修吗？|要等几天？|那红色的多少钱？|它支持快充吗？|怎么弄？|什么时候能好？
需要本人去吗？|那没有发票怎么办？|可以刷卡吗？|这个能退吗？|大的那个呢？|为啥呢？|那我要付邮费吗？|那个多大？
还要钱吗？|那我该找谁？|能便宜点吗？|这个有现货吗？|多长时间到？|在哪弄？|过期了呢？|要是丢了呢？|一共多少钱？
那要带什么？|第一个贵吗？|这两个有什么区别？|它在哪里买？|如果不满意呢？|那可以换吗？
"""
ALONE_ZH = """
怎么退货？|我的订单到哪了？|运费多少钱？|你们几点下班？|怎么修改收货地址？|可以开发票吗？
我买的手机坏了，它能修吗？|会员怎么续费？|忘记密码怎么办？|这件衣服多少钱？|支持花呗吗？|快递丢了怎么办？
怎么申请退款？|我想换个大一号的鞋|什么时候发货？|优惠券怎么用？|有黑色的吗？|你们支持货到付款吗？
银行卡被盗刷了怎么办？|为什么扣了我两次钱？|怎么联系快递员？|这款手机有几种颜色？|保修期多长时间？
下单后能改地址吗？|账号被冻结了怎么解冻？|我要投诉卖家|怎么绑定银行卡？|积分什么时候过期？|商品少发了一件
支持七天无理由退货吗？|怎么查看物流？|信用卡怎么还款？|实名认证失败怎么办？|能不能寄到香港？|发票抬头怎么改？
退货运费谁出？|收到的杯子碎了|怎么注销账号？|预售商品多久发货？|耳机连不上蓝牙怎么办？|店铺地址在哪里？
提现要多久到账？|能用两张优惠券吗？|请问有学生优惠吗？|生日礼券怎么领取？|怎么联系你们？
我的包裹被签收了但我没收到|退款多久到账？|衣服洗了缩水怎么办？|你们有实体店吗？|怎么关闭自动续费？
可以用微信支付吗？|鞋子有42码的吗？|怎么取消订单？|付款失败怎么回事？|运费险怎么理赔？|手机号换了怎么改绑？
这个月的账单怎么看？|买错了可以退吗？|订单显示已完成但没收到货|如何成为会员？|赠品没有收到|怎么设置支付密码？
你们的客服电话是多少？|海外能收货吗？|食品过期了可以赔吗？|机票怎么改签？|怎么举报商家？
为什么我的账号登录不了？|家里没人怎么收快递？|想买两件有优惠吗？|充电器是原装的吗？|我的快递停了三天没更新
那天下的单怎么还没发货？|电脑蓝屏怎么修？
"""


def cases(text: str) -> list[str]:
    """One a bar or line."""
    return [one.strip() for line in text.strip().splitlines() for one in line.split("|")]


@pytest.mark.parametrize(("language", "hang", "alone"), [("en", HANG_EN, ALONE_EN), ("zh", HANG_ZH, ALONE_ZH)])
def test_most_that_hang_are_told_from_those_that_stand_alone(language: str, hang: str, alone: str) -> None:
    """At least nine in ten of those found do hang, and at least nine in ten of those that hang are found."""
    found = [one for one in cases(hang) if follows(one, language)]
    wrong = [one for one in cases(alone) if follows(one, language)]
    missed = [one for one in cases(hang) if one not in found]
    assert len(cases(hang)) >= 30
    assert len(cases(alone)) >= 30
    assert len(found) / len(cases(hang)) >= 0.9, missed
    assert len(found) / (len(found) + len(wrong)) >= 0.9, wrong


@pytest.mark.parametrize(
    ("question", "earlier", "whole"),
    [
        ("And how much is it?", "How long does a transfer abroad take?", "how much is a transfer abroad?"),
        ("how much?", "Can I get a second card?", "how much get a second card?"),
        ("What about France?", "Do you ship to Germany?", "Do you ship to France?"),
        ("And for students?", "How much is a ticket for adults?", "How much is a ticket for students?"),
        ("What about the blue jacket?", "Is the red jacket in stock?", "Is the red jacket in stock the blue jacket?"),
        ("How do I cancel it?", "I ordered a lamp. When does my order arrive?", "How do I cancel my order?"),
        ("How do I open an account?", "Do you ship to France?", "How do I open an account?"),
    ],
)
def test_an_english_question_gets_what_the_one_before_was_about(question: str, earlier: str, whole: str) -> None:
    """In place of the pronoun, behind what is short of an object, or in place of what is exchanged."""
    assert standalone(question, earlier, "en").lower() == whole.lower()


@pytest.mark.parametrize(
    ("question", "earlier", "whole"),
    [
        ("那多少钱？", "可以开专用发票吗？", "开专用发票多少钱？"),
        ("要多久？", "怎么申请退款？", "申请退款要多久？"),
        ("那白色的呢？", "黑色的有货吗？", "白色的有货吗？"),
        ("那个怎么用？", "你们的优惠券有几种？", "优惠券怎么用？"),
        ("上海呢？", "寄到北京要多久？", "上海，寄到北京要多久？"),
        ("怎么退货？", "寄到北京要多久？", "怎么退货？"),
    ],
)
def test_a_chinese_question_gets_what_the_one_before_was_about(question: str, earlier: str, whole: str) -> None:
    """In place of the pronoun, before what is short of a subject, or in place of what is exchanged."""
    assert standalone(question, earlier, "zh") == whole
