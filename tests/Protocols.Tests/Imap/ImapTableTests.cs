using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Tests.Imap;

public sealed class ImapTableTests
{
    [Fact]
    public void EveryCommandStandsInItsTable()
    {
        var commands = typeof(ImapCommands).Assembly.GetTypes()
            .Where(static type => type.IsClass && type.GetInterfaces().Any(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IImapCommand<>)));
        Assert.Equal(commands.Select(c => c.Name).Order(), ImapCommands.Table.Entries.Select(e => e.Type.Name).Order());
    }

    [Fact]
    public void EveryFetchItemCanBeAskedFor()
    {
        var kinds = typeof(FetchItem).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(FetchItem)) && !type.IsAbstract);
        var made = FetchItems.Table.All.Select(static name =>
        {
            var reader = new ImapReader("[]"u8);
            return name.Parse(ref reader).GetType();
        });
        Assert.Equal(kinds.Select(k => k.Name).Order(), made.Select(m => m.Name).Distinct().Order());
    }

    [Fact]
    public void EveryCapabilityCanBeSwitchedOff()
    {
        Assert.Equal(ImapCapabilities.All.Except(["IMAP4rev1"]).Order(StringComparer.Ordinal), ImapFeatures.All.Select(f => f.Capability).Order(StringComparer.Ordinal));
        var words = ImapFeatures.All.SelectMany(f => f.Words).ToList();
        Assert.Equal(words.Distinct(), words);
        Assert.Empty(ImapFeatures.All.SelectMany(f => f.Needs).Except(ImapFeatures.All.Select(f => f.Capability)));
    }

    [Fact]
    public void EveryWordOfACommandIsACommand()
    {
        var commands = ImapCommands.Table.Entries.Select(e => e.Verb.Name).ToHashSet();
        Assert.Equal(["$", "LITERAL+"], ImapFeatures.All.SelectMany(f => f.Words).Where(w => !commands.Contains(w) && !w.Contains(' ')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryErrorHasWords()
    {
        foreach (var error in Enum.GetValues<MailError>())
            Assert.Matches("^[A-Z-]+$", ImapErrors.CodeOf(error).Word);
    }

    [Fact]
    public void NobodyCanWriteABareString()
    {
        var kinds = typeof(ImapText).GetMethods().Where(static m => m.Name == "AppendFormatted").Select(static m => m.GetParameters()[0].ParameterType).ToList();
        Assert.NotEmpty(kinds);
        Assert.DoesNotContain(typeof(string), kinds);
        Assert.DoesNotContain(typeof(object), kinds);
        Assert.DoesNotContain(kinds, static kind => kind.IsGenericParameter);
    }
}
