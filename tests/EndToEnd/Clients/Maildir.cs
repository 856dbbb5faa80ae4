using System.Text;
using MimeKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>A Maildir that a client keeps, as another program on the same disk sees and changes it.</summary>
internal sealed class Maildir(string path)
{
    /// <summary>Subject and flags ("Letter 1 FS") of every message, by subject.</summary>
    public string[] List() => [.. Files().Select(f => $"{Subject(f)} {Flags(f)}").Order(StringComparer.Ordinal)];

    public string Read(string subject) => File.ReadAllText(Find(subject), Encoding.UTF8);

    public void Flag(string subject, string flags)
    {
        var file = Find(subject);
        var name = Path.GetFileName(file);
        var colon = name.LastIndexOf(":2,", StringComparison.Ordinal);
        File.Move(file, Path.Combine(path, "cur", (colon < 0 ? name : name[..colon]) + ":2," + flags));
    }

    public void Remove(string subject) => File.Delete(Find(subject));

    public void Add(string subject)
    {
        var name = $"1772611200.{Guid.NewGuid():N}.here";
        var temporary = Path.Combine(path, "tmp", name);
        Phone.Letter(subject).WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Unix }, temporary);
        File.Move(temporary, Path.Combine(path, "new", name));
    }

    /// <summary>Waits until a message is there: for clients that are pushed.</summary>
    public async Task UntilAsync(string subject, Func<string> otherwise)
    {
        for (var i = 0; !Files().Any(f => Subject(f) == subject); i++)
        {
            Assert.True(i < 600, $"\"{subject}\" never came.\n{otherwise()}");
            await Task.Delay(100);
        }
    }

    private string Find(string subject) => Files().Single(f => Subject(f) == subject);

    private IEnumerable<string> Files() =>
        new[] { "cur", "new" }.Select(d => Path.Combine(path, d)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles);

    private static string Subject(string file) => MimeMessage.Load(file).Subject ?? "";

    private static string Flags(string file)
    {
        var colon = file.LastIndexOf(":2,", StringComparison.Ordinal);
        return colon < 0 ? "" : file[(colon + 3)..];
    }
}
