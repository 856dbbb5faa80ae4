using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using Webmail.Web.Mail;

namespace Webmail.Web.Tests.Mail;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  \t ")]
    [InlineData("\"\"")]
    public void Nothing_typed_is_everything(string text) => Assert.Equal(SearchQuery.All, SearchText.Parse(text));

    [Fact]
    public void Words_must_all_be_there()
    {
        var and = Assert.IsType<AndQuery>(SearchText.Parse("  kitchen   window "));
        Assert.Equal([new TextContains(TextField.Text, "kitchen"), new TextContains(TextField.Text, "window")], and.Terms);
    }

    public static TheoryData<string, SearchQuery> Single => new()
    {
        { "\"kitchen window\"", new TextContains(TextField.Text, "kitchen window") },
        { "from:ann", new TextContains(TextField.From, "ann") },
        { "FROM:\"Li Si\"", new TextContains(TextField.From, "Li Si") },
        { "subject:报告", new TextContains(TextField.Subject, "报告") },
        { "has:attachment", new HasAttachment() },
        { "is:unread", new NotQuery(new HasFlags(FlagSet.Seen)) },
        { "-is:starred", new NotQuery(new HasFlags(FlagSet.Flagged)) },
        { "-lunch", new NotQuery(new TextContains(TextField.Text, "lunch")) },
        { "before:2026-03-01", new DayBetween(DateField.Received, null, new DateOnly(2026, 3, 1)) },
        { "larger:2m", new SizeLargerThan(2 * 1024 * 1024) },
        { "smaller:10k", new SizeSmallerThan(10 * 1024) },
        // What is no operator is text: nothing typed is an error.
        { "http://x.test", new TextContains(TextField.Text, "http://x.test") },
        { "before:whenever", new TextContains(TextField.Text, "before:whenever") },
        { "larger:99999999999999999999g", new TextContains(TextField.Text, "larger:99999999999999999999g") },
        { "from:", new TextContains(TextField.Text, "from:") },
        { "-", new TextContains(TextField.Text, "-") },
        { "\"unfinished", new TextContains(TextField.Text, "unfinished") },
    };

    [Theory]
    [MemberData(nameof(Single))]
    public void Operators_are_understood(string text, SearchQuery query) => Assert.Equal(query, SearchText.Parse(text));

    [Fact]
    public void The_number_of_terms_is_bounded()
    {
        var and = Assert.IsType<AndQuery>(SearchText.Parse(string.Join(' ', Enumerable.Range(0, 5_000))));
        Assert.InRange(and.Terms.Count, 1, 50);
    }
}
