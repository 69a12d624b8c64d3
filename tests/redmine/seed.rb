# Fills a new Redmine: one project, an administrator's key, and a robot's account.
require 'json'

Setting.rest_api_enabled = '1'
Setting.text_formatting = 'textile'

admin = User.find_by_login('admin')
admin.update!(must_change_passwd: false)

project = Project.create!(name: 'Technology reviews', identifier: 'reviews', is_public: false)
Project.create!(name: 'Operations', identifier: 'operations', is_public: false)

role = Role.create!(
  name: 'Robot',
  permissions: [:view_issues, :add_issues, :edit_issues, :add_issue_notes],
  issues_visibility: 'all'
)
silent = Role.create!(name: 'Silent robot', permissions: [:view_issues, :add_issues], issues_visibility: 'all')

# A feature is never closed by a robot; all else goes from any status to any other.
statuses = IssueStatus.sorted.to_a
Tracker.all.each do |tracker|
  statuses.each do |from|
    statuses.each do |to|
      next if from == to || (tracker.name == 'Feature' && to.is_closed)
      WorkflowTransition.create!(role_id: role.id, tracker_id: tracker.id, old_status_id: from.id, new_status_id: to.id)
    end
  end
end

def account(login, project, role)
  user = User.new(firstname: 'The', lastname: login.capitalize, mail: "#{login}@corp.example")
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex
  user.save!
  Member.create!(project: project, principal: user, roles: [role])
  user
end

robot = account('robot', project, role)
mute = account('mute', project, silent)

puts JSON.generate(admin: admin.api_key, robot: robot.api_key, mute: mute.api_key)
