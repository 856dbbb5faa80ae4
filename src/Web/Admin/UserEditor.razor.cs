using Microsoft.AspNetCore.Components;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.Web.Admin;

/// <summary>Makes a user, or changes what differs from how it was read.</summary>
public sealed partial class UserEditor
{
    private const long Megabyte = 1024 * 1024;

    private UserInfo? _before;
    private string _address = "";
    private string _domain = "example.org";
    private string _name = "";
    private string _password = "";
    private long? _quota;
    private long? _messageLimit;
    private bool _isAdministrator;
    private bool _isDisabled;
    private bool _isShown;
    private bool _isRemoving;
    private string? _error;

    [Parameter, EditorRequired]
    public Principal Actor { get; set; } = default!;

    /// <summary>Null: a new one.</summary>
    [Parameter]
    public string? Address { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    /// <summary>What was done, in words.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnDone { get; set; }

    private bool IsNew => Address is null;

    protected override Task OnInitializedAsync() => TryAsync(async () =>
    {
        if (IsNew)
        {
            _domain = await DomainsAdmin.ListAsync(Actor, CancellationToken.None) is [var first, ..] ? first.Name : _domain;
            return;
        }

        _before = await Admin.FindAsync(Actor, Address!, CancellationToken.None) ?? throw new MailException(MailError.NotFound, "No such user");
        _name = _before.DisplayName;
        _quota = _before.QuotaBytes is > 0 ? _before.QuotaBytes / Megabyte : null;
        _messageLimit = _before.MessageLimit is > 0 ? _before.MessageLimit : null;
        _isAdministrator = _before.IsAdministrator;
        _isDisabled = _before.IsDisabled;
    });

    private Task SaveAsync() => TryAsync(async () =>
    {
        if (IsNew)
            await AddAsync();
        else
            await ChangeAsync();
    });

    private async Task AddAsync()
    {
        var address = _address.Trim();
        var user = new NewUser(address.Contains('@', StringComparison.Ordinal) ? address : $"{address}@{_domain}", _password)
        {
            DisplayName = _name.Trim(),
            IsAdministrator = _isAdministrator,
            QuotaBytes = _quota is > 0 ? _quota * Megabyte : null,
            MessageLimit = _messageLimit,
        };
        var made = await Admin.AddAsync(Actor, user, CancellationToken.None);
        await OnDone.InvokeAsync(T["{0} was created", made.Address]);
    }

    private async Task ChangeAsync()
    {
        if (_before is null)
            return;
        var address = _before.Address;
        if (!string.Equals(_name.Trim(), _before.DisplayName, StringComparison.Ordinal))
            await Admin.SetDisplayNameAsync(Actor, address, _name.Trim(), CancellationToken.None);
        await ChangeLimitsAsync(_before);
        if (_isAdministrator != _before.IsAdministrator)
            await Admin.SetAdministratorAsync(Actor, address, _isAdministrator, CancellationToken.None);
        if (_isDisabled != _before.IsDisabled)
            await Admin.SetDisabledAsync(Actor, address, _isDisabled, CancellationToken.None);
        if (_password.Length > 0)
            await Admin.SetPasswordAsync(Actor, address, _password, CancellationToken.None);
        await OnDone.InvokeAsync(T["{0} was changed", address]);
    }

    // A limit that isn't a whole number of megabytes is kept as it is where the field wasn't touched.
    private async Task ChangeLimitsAsync(UserInfo before)
    {
        var quota = _quota is > 0 ? _quota * Megabyte : null;
        var messages = _messageLimit is > 0 ? _messageLimit : null;
        if (quota != (before.QuotaBytes is > 0 ? before.QuotaBytes / Megabyte * Megabyte : null))
            await Admin.SetQuotaAsync(Actor, before.Address, limits => limits with { Bytes = quota }, CancellationToken.None);
        if (messages != (before.MessageLimit is > 0 ? before.MessageLimit : null))
            await Admin.SetQuotaAsync(Actor, before.Address, limits => limits with { Messages = messages }, CancellationToken.None);
    }

    private async Task RemoveAsync()
    {
        if (!_isRemoving)
        {
            _isRemoving = true;
            return;
        }

        await TryAsync(async () =>
        {
            await Admin.RemoveAsync(Actor, Address!, CancellationToken.None);
            await OnDone.InvokeAsync(T["{0} was deleted", Address!]);
        });
    }

    private void Generate()
    {
        _password = Passwords.Generate();
        _isShown = true;
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            _error = null;
            await work();
        }
        catch (MailException e)
        {
            _error = AdminErrors.Words(e, T);
        }
    }
}
